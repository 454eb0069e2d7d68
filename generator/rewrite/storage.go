package rewrite

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// restPath is the package of the type that API servers keep storage in.
const restPath = "k8s.io/apiserver/pkg/registry/rest"

// Storage is what a registry's store.go says about one resource in one version.
type Storage struct {
	// Var is the variable that holds the storage, as in "bars".
	Var string
	// Constructor makes it from the scheme and the options getter, as in "bar.NewStorage".
	Constructor string
	// Version is the API version that serves it, as in "v1".
	Version string
	// Entries are the resource and its subresources.
	Entries []Entry
}

// Entry is one line of a version's storage map.
type Entry struct {
	// Resource is the path, as in "bars/status".
	Resource string
	// Storage is the expression that serves it, as in "bars.Status". Its first part is Storage.Var, and is replaced when
	// the file keeps that storage in another variable.
	Storage string
}

// AddResourceStorage makes the function of a registry's store.go that returns the group's APIGroupInfo construct s and
// serve its entries in s.Version. What is there already stays as it is: a constructor that is called is not called
// again, and a path that the version serves keeps its storage.
func AddResourceStorage(filename string, src []byte, s Storage) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	r := f.registry(s.Version)
	if r == nil {
		return nil, s.notFound(filename, "function that fills VersionedResourcesStorageMap")
	}
	variable, constructed := r.variable(s.Constructor)
	if constructed {
		s.rename(variable)
	}
	s.Entries = slices.DeleteFunc(slices.Clone(s.Entries), func(e Entry) bool { return r.serves(s.Version, e.Resource) })
	if len(s.Entries) == 0 {
		return src, nil
	}
	if f.mapUnclear(r, s.Version) {
		return nil, s.notFound(filename, "one plain statement that gives version "+s.Version+" its storage map")
	}
	entries, needsRest := r.entries(s)
	if needsRest {
		name, err := NameFor(filename, src, restPath, "rest")
		if err != nil {
			return nil, err
		}
		given := name
		if name == "rest" {
			given = ""
		}
		imported, err := AddImport(filename, src, given, restPath)
		if err != nil {
			return nil, err
		}
		return AddResourceStorage(filename, imported, s)
	}
	if entries == nil {
		return nil, s.notFound(filename, "storage map of version "+s.Version)
	}
	if !constructed {
		construct, ok := r.construct(s)
		if !ok {
			return nil, s.notFound(filename, "scheme and RESTOptionsGetter among the parameters of "+r.fn.Name.Name)
		}
		for i := range entries {
			entries[i] = append([]edit{construct}, entries[i]...)
		}
	}
	return choose(src, entries...), nil
}

func (s *Storage) rename(variable string) {
	s.Entries = slices.Clone(s.Entries)
	for i, e := range s.Entries {
		if rest, ok := strings.CutPrefix(e.Storage, s.Var+"."); ok {
			s.Entries[i].Storage = variable + "." + rest
		}
	}
	s.Var = variable
}

func (s *Storage) notFound(filename, wanted string) error {
	text := []string{s.Var + ", err := " + s.Constructor + "(scheme, getter)"}
	for _, e := range s.Entries {
		text = append(text, "info.VersionedResourcesStorageMap["+strconv.Quote(s.Version)+"]["+strconv.Quote(e.Resource)+"] = "+e.Storage)
	}
	return &NotFoundError{File: filename, Wanted: wanted, Lines: strings.Join(text, "; ")}
}

// registry is the function that fills the storage maps of a group.
type registry struct {
	*file
	fn *ast.FuncDecl
	// info is the text of the APIGroupInfo expression: "info".
	info string
	// maps are the statements that give a version its map, in order.
	maps []versionMap
}

// versionMap is `info.VersionedResourcesStorageMap["v1"] = map[string]rest.Storage{...}`, where the literal may also be
// in a variable.
type versionMap struct {
	version string
	stmt    *ast.AssignStmt
	literal *ast.CompositeLit
	// variable names the map if it has a name, and creation is the statement that makes it then.
	variable string
	creation ast.Stmt
	// indexed are the statements that set one entry of the map, by path.
	indexed map[string]*ast.AssignStmt
	// conditional are the paths that are set within other statements.
	conditional []string
	last        ast.Stmt
}

// registries returns the functions that fill storage maps.
func (f *file) registries() []*registry {
	var found []*registry
	for _, decl := range f.ast.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		r := &registry{file: f, fn: fn}
		for _, stmt := range fn.Body.List {
			r.read(stmt)
		}
		r.readConditional()
		if r.info != "" {
			found = append(found, r)
		}
	}
	return found
}

// registry returns the function that fills the map of a version, else that with most maps, or nil.
func (f *file) registry(version string) *registry {
	var best *registry
	for _, r := range f.registries() {
		if r.versionMap(version) != nil {
			return r
		}
		if best == nil || len(r.maps) > len(best.maps) {
			best = r
		}
	}
	return best
}

func (r *registry) read(stmt ast.Stmt) {
	assign, ok := stmt.(*ast.AssignStmt)
	if !ok || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
		return
	}
	if call, ok := assign.Rhs[0].(*ast.CallExpr); ok && callee(call) == "NewDefaultAPIGroupInfo" && r.info == "" && isName(assign.Lhs[0]) {
		r.info = r.text(assign.Lhs[0])
		return
	}
	index, ok := assign.Lhs[0].(*ast.IndexExpr)
	if !ok {
		return
	}
	if field, ok := index.X.(*ast.SelectorExpr); ok && field.Sel.Name == storageMap && isName(field.X) {
		r.info = r.text(field.X)
		m := versionMap{version: r.version(index.Index), stmt: assign, last: stmt, indexed: map[string]*ast.AssignStmt{}}
		m.literal, _ = assign.Rhs[0].(*ast.CompositeLit)
		if m.variable = identName(assign.Rhs[0]); m.variable != "" {
			r.readVariable(&m)
		}
		r.maps = append(r.maps, m)
		return
	}
	// An entry set later, by the map's name or through the storage map itself.
	path, ok := stringValue(index.Index)
	if !ok {
		return
	}
	for i := range r.maps {
		if m := &r.maps[i]; r.is(m, index.X) {
			m.indexed[path], m.last = assign, stmt
		}
	}
}

// is says whether an expression is the map: by its name, or through the storage maps.
func (r *registry) is(m *versionMap, e ast.Expr) bool {
	return tokens(r.text(e)) == tokens(r.text(m.stmt.Lhs[0])) || (m.variable != "" && identName(e) == m.variable)
}

// readConditional reads what statements within others do to the maps.
func (r *registry) readConditional() {
	walk(r.fn.Body, func(n ast.Node, parents []ast.Node) {
		assign, ok := n.(*ast.AssignStmt)
		if !ok || len(parents) == 1 {
			return
		}
		for _, left := range assign.Lhs {
			for i := range r.maps {
				m := &r.maps[i]
				if index, ok := left.(*ast.IndexExpr); ok && r.is(m, index.X) {
					if path, ok := stringValue(index.Index); ok {
						m.conditional = append(m.conditional, path)
					}
				}
				if m.variable != "" && identName(left) == m.variable && assign.Pos() < m.stmt.Pos() {
					// Which map it is in the end is known where it is given to the version.
					m.literal, m.last = nil, m.stmt
				}
			}
		}
	})
}

// isName says whether e is a variable, or a field of one.
func isName(e ast.Expr) bool {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return isName(s.X)
	}
	name := identName(e)
	return name != "" && name != "_"
}

// readVariable finds how a map that has a name was made and filled before it was assigned.
func (r *registry) readVariable(m *versionMap) {
	for _, stmt := range r.fn.Body.List {
		assign, ok := stmt.(*ast.AssignStmt)
		if !ok || stmt.Pos() >= m.stmt.Pos() || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
			continue
		}
		if identName(assign.Lhs[0]) == m.variable {
			m.literal, _ = assign.Rhs[0].(*ast.CompositeLit)
			m.creation, m.last = stmt, stmt
		}
		if index, ok := assign.Lhs[0].(*ast.IndexExpr); ok && identName(index.X) == m.variable {
			if path, ok := stringValue(index.Index); ok {
				m.indexed[path], m.last = assign, stmt
			}
		}
	}
}

func (r *registry) versionMap(version string) *versionMap {
	for i := range r.maps {
		if r.maps[i].version == version {
			return &r.maps[i]
		}
	}
	return nil
}

func (r *registry) serves(version, path string) bool {
	m := r.versionMap(version)
	if m == nil {
		return false
	}
	return slices.Contains(m.paths(), path)
}

// variable returns the variable that holds what the constructor returned, if it is called.
func (r *registry) variable(constructor string) (string, bool) {
	for _, stmt := range r.fn.Body.List {
		assign, ok := stmt.(*ast.AssignStmt)
		if !ok || len(assign.Rhs) != 1 {
			continue
		}
		if call, ok := assign.Rhs[0].(*ast.CallExpr); ok && tokens(r.text(call.Fun)) == tokens(constructor) {
			return r.text(assign.Lhs[0]), assign.Tok == token.DEFINE || assign.Tok == token.ASSIGN
		}
	}
	return "", false
}
