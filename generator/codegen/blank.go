package codegen

import "bytes"

// blankBodies overwrites the bodies of top-level functions, and the elements of top-level composite literals, in formatted
// source with spaces, newlines kept so that positions stay right: the scanner passes over spaces several times faster
// than over code. What does not end as gofmt writes it, or holds a raw string or a comment that might contain what looks
// like the end, stays.
func blankBodies(src []byte) {
	for at := 0; at < len(src); {
		eol := bytes.IndexByte(src[at:], '\n')
		if eol < 0 {
			return
		}
		line := src[at : at+eol]
		at += eol + 1
		if !hasBody(line) {
			continue
		}
		length := bytes.Index(src[at-1:], []byte("\n}"))
		if length < 0 {
			return
		}
		body := src[at-1 : at-1+length]
		if !bytes.HasPrefix(src[at-1+length:], []byte("\n}\n")) || !mayBlank(body) {
			continue
		}
		for i, c := range body {
			if c != '\n' {
				body[i] = ' '
			}
		}
		at += length + 2
	}
}

// mayBlank says whether there is nothing in a body that might contain what looks like the end, and nothing that might not
// belong to it.
func mayBlank(body []byte) bool {
	for _, sign := range []string{"`", "/*", "*/", "\nfunc ", "\ntype ", "\nvar ", "\nconst "} {
		if bytes.Contains(body, []byte(sign)) {
			return false
		}
	}
	return true
}

// hasBody says whether a line begins a function, or a variable with a composite literal whose elements say nothing of its
// type, and a brace is all that it leaves open.
func hasBody(line []byte) bool {
	open := func(left, right string) int {
		return bytes.Count(line, []byte(left)) - bytes.Count(line, []byte(right))
	}
	switch {
	case !bytes.HasSuffix(line, []byte("{")), bytes.ContainsAny(line, "\"'`"),
		bytes.HasSuffix(line, []byte("struct {")), bytes.HasSuffix(line, []byte("interface {")),
		open("{", "}") != 1, open("(", ")") != 0, open("[", "]") != 0:
		return false
	case bytes.HasPrefix(line, []byte("var ")):
		return bytes.Contains(line, []byte(" = ")) && !bytes.Contains(line, []byte("[...]")) && !bytes.Contains(line, []byte("("))
	}
	return bytes.HasPrefix(line, []byte("func "))
}
