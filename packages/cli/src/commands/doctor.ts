import { Command } from "commander";
import { jsonOption } from "./options.ts";

/** `patina doctor`. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "look at the machine, the libraries, the models and the project; exits with 1 when something is wrong",
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  patina doctor
  patina doctor --json > doctor.json`,
    )
    .action(async (options) => {
      const { doctor } = await import("../actions/doctor.ts");
      await doctor(options);
    });
}
