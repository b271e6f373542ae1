/**
 * Why a file's path inside a model, a wheel or a repository cannot be used, or `undefined` when it can: such a path
 * is relative, goes down only, and means the same file on every operating system.
 */
export function unsafePathReason(path: string): string | undefined {
  if (path === "") return "is empty";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character in a file name is what is refused
  if (/[\u0000-\u001f\u007f]/.test(path)) return "holds a control character";
  if (path.includes("\\")) return "holds a backslash";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is absolute";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return 'has an empty, "." or ".." part';
  }
  if (parts.some((part) => /[. ]$/.test(part) || /[<>:"|?*]/.test(part))) {
    return "has a name that Windows cannot hold";
  }
  return undefined;
}
