import type { SkipReason } from "./passage.ts";

/*
 * What a file's name alone says. Secrets come first: a file that is both is counted as one that was kept from
 * being read at all.
 */

const SECRET_NAMES = new Set([
  ".dockercfg",
  ".git-credentials",
  ".htpasswd",
  ".my.cnf",
  ".netrc",
  ".npmrc",
  ".pgpass",
  ".pypirc",
  ".s3cfg",
  ".vault-token",
  "_netrc",
  "application_default_credentials.json",
  "authorized_keys",
  "client_secret.json",
  "credentials",
  "credentials.json",
  "credentials.toml",
  "credentials.xml",
  "credentials.yaml",
  "credentials.yml",
  "credentials.yml.enc",
  "kubeconfig",
  "master.key",
  "secrets.json",
  "secrets.toml",
  "secrets.yaml",
  "secrets.yml",
  "service-account.json",
  "service_account.json",
  "terraform.tfvars",
]);

const SECRET_EXTENSIONS =
  /\.(?:cer|cert|crt|csr|der|gpg|jks|kdb|kdbx|key|keystore|mobileprovision|ovpn|p12|p8|pem|pfx|pkcs12|ppk|tfstate|tfstate\.backup|auto\.tfvars)$/;

const SECRET_SHAPES = /^(?:\.env.*|id_(?:rsa|dsa|ecdsa|ed25519|ecdsa_sk|ed25519_sk)(?:[._-].*)?|.*\.env)$/;

/** Secrets that only their folder gives away. */
const SECRET_PATHS = /(?:^|\/)(?:\.aws\/|\.ssh\/|\.gnupg\/|\.kube\/config$|\.docker\/config\.json$)/;

const LOCKFILES = new Set([
  ".terraform.lock.hcl",
  "bun.lockb",
  "cartfile.resolved",
  "conda-lock.yml",
  "go.sum",
  "go.work.sum",
  "gradle.lockfile",
  "npm-shrinkwrap.json",
  "package-lock.json",
  "package.resolved",
  "packages.lock.json",
  "pnpm-lock.yaml",
]);

const MINIFIED = /(?:[.-]min\.(?:js|mjs|cjs|css|html|svg)|\.(?:js|mjs|cjs|css)\.map)$/;

/** Why a file with this path is left out unread; undefined where its name says nothing against it. */
export function skipByName(path: string): SkipReason | undefined {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf("/") + 1);
  const secret =
    SECRET_NAMES.has(name) ||
    SECRET_EXTENSIONS.test(name) ||
    SECRET_SHAPES.test(name) ||
    SECRET_PATHS.test(lower);
  if (secret) return "secret";
  if (LOCKFILES.has(name) || name.endsWith(".lock")) return "lockfile";
  if (MINIFIED.test(name)) return "minified";
  return undefined;
}
