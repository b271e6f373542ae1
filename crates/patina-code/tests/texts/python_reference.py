"""What Python's own parser finds in Python files: the reference for `outlines.rs`.

    python3 python_reference.py sample.py > sample.py.json && biome format --write sample.py.json

Written with Python 3.11; any from 3.10 on gives the same for sample.py.
"""

import ast
import json
import sys


def doc_of(node):
    text = ast.get_docstring(node, clean=False)
    return "" if text is None else "\n".join(line.strip() for line in text.splitlines()).strip()


def callee_of(call):
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


class Reference(ast.NodeVisitor):
    def __init__(self):
        self.definitions, self.imports, self.calls = [], [], []
        self.around = []

    def define(self, node, kind):
        start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        symbol = ".".join([name for name, _ in self.around] + [node.name])
        self.definitions.append([kind, symbol, start, node.end_lineno, doc_of(node)])
        self.around.append((node.name, kind))
        for child in ast.iter_child_nodes(node):
            if child not in node.decorator_list:
                self.visit(child)
        self.around.pop()
        for decorator in node.decorator_list:
            self.visit(decorator)

    def visit_FunctionDef(self, node):
        self.define(node, "method" if self.around and self.around[-1][1] == "class" else "function")

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.define(node, "class")

    def visit_Module(self, node):
        for child in node.body:
            match child:
                # What is assigned at the top; of a chain the first.
                case ast.Assign(targets=[ast.Name(id=name), *_]) | ast.AnnAssign(target=ast.Name(id=name)):
                    self.definitions.append(["constant", name, child.lineno, child.end_lineno, ""])
        self.generic_visit(node)

    def visit_Import(self, node):
        self.imports += [[alias.name, [], node.lineno] for alias in node.names]

    def visit_ImportFrom(self, node):
        module = "." * node.level + (node.module or "")
        self.imports.append([module, [alias.name for alias in node.names], node.lineno])

    def visit_Call(self, node):
        callee = callee_of(node)
        if callee is not None:
            self.calls.append([callee, node.lineno])
        self.generic_visit(node)


def reference(path):
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    visitor = Reference()
    visitor.visit(tree)
    return {
        "definitions": sorted(visitor.definitions),
        "imports": sorted(visitor.imports),
        "calls": sorted(visitor.calls),
    }


if __name__ == "__main__":
    found = {path.rsplit("/", 1)[-1]: reference(path) for path in sys.argv[1:]}
    json.dump(found, sys.stdout, indent=1, ensure_ascii=False)
    print()
