"""What tools/tidy reads out of C++ text without a compiler: code without literals, and function bodies."""

import re

LITERAL_OR_COMMENT = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)


def blanked(text):
    def blank(match):
        token = match.group(0)
        before = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
        if token.startswith('"') and before.lstrip().startswith("#include"):
            return token
        if token.startswith("/"):
            return "\n" * token.count("\n")
        return token[0] + "\n" * token.count("\n") + token[-1]
    return LITERAL_OR_COMMENT.sub(blank, text)


def functions(text):
    """(name, first line, lines) of each function body outside other functions. Reads code with balanced braces."""
    code = re.sub(r"^\s*#.*?(?<!\\)$", "", blanked(text), flags=re.M | re.S)
    stack, head, head_line, line = [], "", 1, 1
    for char in code:
        if char == "\n":
            line += 1
        inside = "function" in stack or "init" in stack
        if char == "{":
            kind = "inner" if inside else opening(head)
            stack.append(kind)
            if kind == "function":
                start, name = head_line, head.split("(")[0].split()[-1]
                if name in ("TEST", "TEST_F", "TEST_P"):
                    name = re.sub(r"[\s,]+", ".", head.split("(", 1)[1].split(")")[0].strip())
            if kind == "scope":
                head = ""
        elif char == "}":
            kind = stack.pop() if stack else ""
            if kind == "function":
                yield name, start, line - start + 1
            if kind == "init":
                head += "{}"
            elif kind != "inner":
                head = ""
        elif char == ";" and not inside:
            head = ""
        elif not inside:
            if not head.strip():
                head_line = line
            head += char


def opening(head):
    """What a brace opens after `head`, outside every function: a scope, a function body or a value."""
    head = re.sub(r"\b(public|private|protected):", "", head).strip()
    if re.search(r"\b(namespace|extern)\b[^()]*$", head) or re.match(
            r"(template\s*<.*>\s*)?(typedef\s+)?(class|struct|enum|union)\b[^()]*$", head, re.S):
        return "scope"
    if "(" not in head or head.endswith("=") or re.search(r"\)\s*(noexcept\s*)?:.*[\w>]$", head, re.S) and not re.search(
            r"\b(const|noexcept|override|final|try)$", head):
        return "init"
    return "function"
