import { join } from "node:path";
import { chooseRuntime, mlxAvailability, nativeFacts, onnxruntimeLibrary, threadLimit } from "@patina/engine";
import { type ModelStatus, openRegistry, patinaHome } from "@patina/registry";
import { cacheReport } from "../doctor/caches.ts";
import { librariesReport, machineReport } from "../doctor/machine.ts";
import { Problems } from "../doctor/problems.ts";
import { projectReport } from "../doctor/project.ts";
import { findMissingModels } from "../doctor/project-models.ts";
import { runtimeReports } from "../doctor/runtimes.ts";
import { type DoctorReport, doctorText } from "../doctor/text.ts";
import { variantReports } from "../doctor/variants.ts";
import { wantedModels } from "../doctor/wishes.ts";
import { EXIT } from "../failure.ts";
import { findProject } from "../project.ts";
import { print } from "../terminal/output.ts";
import { styleFor } from "../terminal/style.ts";
import { safeJson } from "../terminal/visible.ts";

/** `patina doctor`: everything the command depends on. Exits with 1 when something is wrong. */
export async function doctor(options: { readonly json?: boolean }): Promise<void> {
  const problems = new Problems();
  const root = findProject();
  const facts = await problems.or(nativeFacts);
  const threads = facts && (await problems.or(threadLimit));
  // Without the addon there is no decision either, and one problem is enough to say so.
  const runtime = facts && (await problems.or(() => chooseRuntime("auto", ["onnx", "mlx"])));
  const library = await problems.or(onnxruntimeLibrary);
  const registry = await problems.or(() => openRegistry(root === undefined ? {} : { projectDir: root }));
  const statuses = registry && (await problems.or(() => registry.status()));
  const project = await projectReport(problems);
  const caches = [await problems.or(() => cacheReport("models", patinaHome(process.env)))];
  if (registry) caches.push(await problems.or(() => cacheReport("graphs", registry.graphCache)));
  if (root !== undefined) {
    caches.push(await problems.or(() => cacheReport("project", join(root, ".patina", "local"))));
  }
  const models = (statuses ?? []).filter((status) => status.state !== "missing");
  for (const status of models) reportDamage(problems, status);
  const wanted =
    facts && registry && statuses ? await wantedModels(problems, registry, statuses, project) : [];
  const runtimes = registry ? await runtimeReports(problems, registry, wanted) : [];
  const variants = registry ? await variantReports(problems, registry, wanted) : [];
  if (registry && statuses && project) await findMissingModels(problems, registry, statuses, project);

  const report: DoctorReport = {
    ok: problems.all.length === 0,
    machine: machineReport(facts, threads),
    runtime,
    libraries: librariesReport(facts, facts && mlxAvailability().reason, library),
    caches: caches.filter((cache) => cache !== null),
    models: models.map(({ key, variant, runtime: on, state, size }) => ({
      key,
      variant,
      runtime: on,
      state,
      size,
    })),
    runtimes,
    variants,
    project,
    problems: problems.all,
  };
  if (!report.ok) process.exitCode = EXIT.negative;
  await print(options.json ? `${safeJson(report, 2)}\n` : doctorText(report, styleFor(process.stdout)));
}

function reportDamage(problems: Problems, { key, variant, runtime, state, files }: ModelStatus): void {
  if (state !== "damaged") return;
  const wrong = files.filter((file) => file.state === "damaged").map((file) => file.location ?? file.path);
  const again = `patina model add ${key} --variant ${variant} --runtime ${runtime}`;
  problems.all.push({
    code: "INTEGRITY",
    message: `${wrong.join(", ")} is damaged; \`${again}\` fetches it again`,
  });
}
