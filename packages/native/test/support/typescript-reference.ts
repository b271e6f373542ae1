/** Definitions as TypeScript's own compiler has them: the reference for outlines. */
import ts from "typescript";

/** `kind name first-last line` of each; comments above are not counted, decorators are. */
export function definitionsOf(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const add = (kind: string, name: string, node: ts.Node): void => {
    const line = (place: number) => file.getLineAndCharacterOfPosition(place).line + 1;
    found.push(`${kind} ${name} ${line(node.getStart(file))}-${line(node.getEnd())}`);
  };
  const visit = (node: ts.Node): void => {
    const definition = definitionOf(node);
    if (definition) add(...definition);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function definitionOf(node: ts.Node): [string, string, ts.Node] | undefined {
  if (ts.isFunctionDeclaration(node)) return ["function", node.name?.text ?? "default", node];
  if (ts.isClassDeclaration(node)) return ["class", node.name?.text ?? "default", node];
  if (ts.isInterfaceDeclaration(node)) return ["interface", node.name.text, node];
  if (ts.isTypeAliasDeclaration(node)) return ["type", node.name.text, node];
  if (ts.isEnumDeclaration(node)) return ["enum", node.name.text, node];
  if (ts.isModuleDeclaration(node)) return ["module", node.name.text, node];
  if (ts.isMethodDeclaration(node) || ts.isAccessor(node)) return ["method", node.name.getText(), node];
  if (ts.isConstructorDeclaration(node)) return ["method", "constructor", node];
  if (ts.isPropertyDeclaration(node) && kindOf(node.initializer))
    return ["method", node.name.getText(), node];
  if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
    const list = node.parent;
    if (!ts.isVariableDeclarationList(list)) return undefined;
    const statement = list.parent;
    const atTop = ts.isVariableStatement(statement) && ts.isSourceFile(statement.parent);
    const kind = kindOf(node.initializer) ?? (atTop ? "constant" : undefined);
    // A statement of its own for one variable is all of it.
    const whole = list.declarations.length === 1 && ts.isVariableStatement(statement) ? statement : node;
    return kind === undefined ? undefined : [kind, node.name.text, whole];
  }
  if (ts.isBinaryExpression(node) && ts.isPropertyAccessExpression(node.left) && kindOf(node.right)) {
    const isAssignment = node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
    const whole = ts.isExpressionStatement(node.parent) ? node.parent : node;
    return isAssignment ? ["function", node.left.name.text, whole] : undefined;
  }
  return undefined;
}

function kindOf(value: ts.Expression | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) return "function";
  return ts.isClassExpression(value) ? "class" : undefined;
}
