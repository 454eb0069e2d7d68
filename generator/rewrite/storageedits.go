package rewrite

import (
	"fmt"
	"go/ast"
	"go/format"
	"strconv"
	"strings"
)

// entries returns the ways to serve s; none, when they need package rest and the file does not import it.
func (r *registry) entries(s Storage) (candidates [][]edit, needsRest bool) {
	m := r.versionMap(s.Version)
	if m == nil {
		return r.newVersion(s)
	}
	indexes := func(target string) []edit {
		texts := make([]string, len(s.Entries))
		for i, e := range s.Entries {
			texts[i] = target + "[" + strconv.Quote(e.Resource) + "] = " + e.Storage
		}
		return r.appendStatements(m.last, texts...)
	}
	target := m.variable
	if target == "" {
		target = r.text(m.stmt.Lhs[0])
	}
	if m.literal == nil || len(m.indexed) > 0 {
		return [][]edit{indexes(target)}, false
	}
	return append(r.intoLiteral(m.literal, s.Entries), indexes(target)), false
}

// intoLiteral writes entries into a map literal, as a paragraph of their own: gofmt aligns the values of a paragraph, and
// so those that are there keep their place.
func (r *registry) intoLiteral(lit *ast.CompositeLit, entries []Entry) [][]edit {
	l := r.elements(lit)
	indent := r.indentAt(l.open) + "\t"
	newline := r.newlineAt(l.open)
	text := strings.Join(pairs(entries), newline+indent)
	if len(l.elements) == 0 {
		return r.appendToEmpty(l, []string{strings.TrimSuffix(text, ",")})
	}
	end := r.offset(l.elements[len(l.elements)-1].End())
	comma := r.skip(end, false)
	if r.src[comma] == ',' {
		if at, ok := r.lineEnd(comma + 1); ok {
			return [][]edit{
				{insert(at, newline+newline+indent+text)},
				{insert(at, newline+indent+text)},
			}
		}
	}
	return r.appendTo(l, inlinePairs(entries)...)
}

// pairs returns the lines of map entries as gofmt aligns them, each with its comma.
func pairs(entries []Entry) []string {
	source := "package p\n\nvar _ = m{\n" + strings.Join(inlinePairs(entries), ",\n") + ",\n}\n"
	out, err := format.Source([]byte(source))
	if err != nil {
		out = []byte(source)
	}
	text := strings.Split(strings.TrimSpace(string(out)), "\n")
	text = text[3 : len(text)-1]
	for i := range text {
		text[i] = strings.TrimSpace(text[i])
	}
	return text
}

func inlinePairs(entries []Entry) []string {
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = strconv.Quote(e.Resource) + ": " + e.Storage
	}
	return texts
}

// newVersion writes the statement that gives s.Version a map, below those of other versions, or before the function
// returns.
func (r *registry) newVersion(s Storage) (candidates [][]edit, needsRest bool) {
	mapType := ""
	for _, m := range r.maps {
		if m.literal != nil && m.literal.Type != nil {
			mapType = r.text(m.literal.Type)
		}
	}
	if mapType == "" {
		rest, ok := r.importName(restPath)
		if !ok {
			return nil, true
		}
		mapType = "map[string]" + rest + ".Storage"
	}
	after := r.lastStatement()
	if after == nil {
		return nil, false
	}
	newline, indent := r.newlineAt(r.offset(after.Pos())), r.indentAt(r.offset(after.Pos()))
	text := r.info + ".VersionedResourcesStorageMap[" + strconv.Quote(s.Version) + "] = " + mapType + "{" + newline
	for _, pair := range pairs(s.Entries) {
		text += indent + "\t" + pair + newline
	}
	text += indent + "}"
	edits := r.appendStatements(after, text)
	if len(r.maps) == 0 && strings.HasPrefix(edits[0].text, newline) {
		edits[0].text = newline + edits[0].text
	}
	return [][]edit{edits}, false
}

// lastStatement returns the last statement about maps or, without any, the one before the function returns.
func (r *registry) lastStatement() ast.Stmt {
	var last ast.Stmt
	for _, m := range r.maps {
		for _, stmt := range []ast.Stmt{m.stmt, m.last} {
			if last == nil || stmt.Pos() > last.Pos() {
				last = stmt
			}
		}
	}
	if last != nil {
		return last
	}
	body := r.fn.Body.List
	for i, stmt := range body {
		if _, ok := stmt.(*ast.ReturnStmt); ok && i > 0 {
			return body[i-1]
		}
	}
	return body[len(body)-1]
}

// construct returns the edit that makes the storage: below the constructors that are there, in front of the first map.
func (r *registry) construct(s Storage) (edit, bool) {
	scheme, getter := r.parameters()
	if scheme == "" || getter == "" {
		return edit{}, false
	}
	body := r.fn.Body.List
	first := len(body)
	for i, stmt := range body {
		for _, m := range r.maps {
			if stmt == ast.Stmt(m.stmt) || stmt == m.creation {
				first = min(first, i)
			}
		}
	}
	if len(r.maps) == 0 {
		last := r.lastStatement()
		for i, stmt := range body {
			if stmt == last {
				first = i + 1
			}
		}
	}
	at := body[min(first, len(body)-1)]
	newline, indent := r.newlineAt(r.offset(at.Pos())), r.indentAt(r.offset(at.Pos()))
	text := []string{
		fmt.Sprintf("%s, err := %s(%s, %s)", s.Var, s.Constructor, scheme, getter),
		"if err != nil {",
		"\treturn " + r.failure(),
		"}",
	}
	if first == 0 {
		return insert(r.offset(at.Pos()), lines(newline, indent, append(text, "", "")...)+indent), true
	}
	previous := body[first-1]
	gap := newline
	if _, ok := previous.(*ast.IfStmt); !ok {
		gap += newline
	}
	end, ok := r.lineEnd(r.offset(previous.End()))
	if !ok {
		return insert(r.offset(previous.End()), "; "+lines(newline, indent, text...)), true
	}
	return insert(end, gap+indent+lines(newline, indent, text...)), true
}

// parameters returns the names of the function's scheme and options getter.
func (r *registry) parameters() (scheme, getter string) {
	for _, field := range r.fn.Type.Params.List {
		for _, name := range field.Names {
			switch t := field.Type.(type) {
			case *ast.StarExpr:
				if typeName(t.X) == "Scheme" {
					scheme = name.Name
				}
			default:
				if typeName(t) == "RESTOptionsGetter" {
					getter = name.Name
				}
			}
		}
	}
	return scheme, getter
}

// failure returns what the function returns on an error: what it returns in the end, with err in the last place.
func (r *registry) failure() string {
	results := []string{r.info, "err"}
	body := r.fn.Body.List
	if ret, ok := body[len(body)-1].(*ast.ReturnStmt); ok && len(ret.Results) > 0 {
		results = results[:0]
		for _, e := range ret.Results {
			results = append(results, r.text(e))
		}
		results[len(results)-1] = "err"
	}
	return strings.Join(results, ", ")
}
