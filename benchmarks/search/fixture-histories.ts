/**
 * `bun benchmarks/search/fixture-histories.ts DATA.GO FOLDER`: two histories of more than 500 commits, taken out of
 * go-git-fixtures (4.2.2), the repositories that go-git is tested with. Debian has it as the package
 * golang-github-go-git-go-git-fixtures-dev, whose `data.go` holds git's pack files.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** By name, the pack that holds the whole history and the commit it ends with. */
const HISTORIES = {
  spinnaker: {
    pack: "f2e0a8889a746f7600e07d2246a2e29a72f696be",
    head: "06ce06d0fc49646c4de733c45b7788aabad98a6f",
  },
  "rumprun-xen": {
    pack: "7861f2632868833a35fe5e4ab94f99638ec5129b",
    head: "3b91e44996ea6ae1276bce1cc44f38701c53ee6f",
  },
} as const;

const [data, folder] = process.argv.slice(2);
if (data === undefined || folder === undefined) {
  console.error("usage: bun benchmarks/search/fixture-histories.ts DATA.GO FOLDER");
  process.exit(2);
}
const source = readFileSync(data, "utf8");
for (const [name, { pack, head }] of Object.entries(HISTORIES)) {
  const root = join(folder, name);
  mkdirSync(root, { recursive: true });
  git(root, ["init", "--quiet"]);
  git(root, ["unpack-objects", "-q"], packOf(source, pack));
  git(root, ["update-ref", "refs/heads/main", head]);
  git(root, ["symbolic-ref", "HEAD", "refs/heads/main"]);
  console.log(`${root}: ${git(root, ["rev-list", "--count", "HEAD"]).trim()} commits`);
}

/** The bytes of a pack: base64 of gzip, between backquotes after its name. */
function packOf(source: string, pack: string): Uint8Array {
  const start = source.indexOf(`"/data/pack-${pack}.pack": {`);
  const open = source.indexOf("`", start);
  if (start === -1 || open === -1) throw new Error(`${data} has no pack ${pack}: it is another version's`);
  const encoded = source.slice(open + 1, source.indexOf("`", open + 1));
  return Bun.gunzipSync(Buffer.from(encoded, "base64"));
}

function git(root: string, parameters: readonly string[], input?: Uint8Array): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["git", "-C", root, ...parameters], {
    stdin: input ?? "ignore",
  });
  if (exitCode !== 0) throw new Error(`git ${parameters[0]} failed in ${root}: ${stderr.toString().trim()}`);
  return stdout.toString();
}
