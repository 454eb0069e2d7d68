package rewrite

import (
	"go/ast"
	"strings"
)

// appendStatements adds statements right below one that is there, indented as it is.
func (f *file) appendStatements(after ast.Stmt, texts ...string) []edit {
	end := f.offset(after.End())
	at, ok := f.lineEnd(end)
	if !ok {
		// More code follows on the line.
		return []edit{insert(end, "; "+strings.Join(texts, "; "))}
	}
	separator := f.newlineAt(end) + f.indentAt(f.offset(after.Pos()))
	return []edit{insert(at, separator+strings.Join(texts, separator))}
}
