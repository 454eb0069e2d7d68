package rewrite

// AddImport imports path under name; an empty name stands for the package's own. It adds nothing when path is imported
// under any usable name: ask ImportName first, and use what it returns. A name that the file uses for something else
// is an error: NameFor chooses a free one.
func AddImport(filename string, src []byte, name, path string) ([]byte, error) { return src, nil }

// ImportName returns the name by which the file knows the package at path, and whether it imports it at all. Imports
// for side effects only (_) do not count. Without an explicit name it is guessed from the path, as Go tools do.
func ImportName(filename string, src []byte, path string) (string, bool, error) { return "", false, nil }

// NameFor returns the name under which the file should know the package at path: the one it uses, else want, else, when
// want means something else in the file, want followed by the lowest number that is free.
func NameFor(filename string, src []byte, path, want string) (string, error) { return want, nil }

// AddKnownTypes registers the Go types named by kinds, as given (name Bar and BarList both), in the
// call to AddKnownTypes for the file's own group version.
func AddKnownTypes(filename string, src []byte, kinds ...string) ([]byte, error) { return src, nil }

// AddVersion makes an install function add the version whose package is imported as alias to the scheme, with the
// lowest priority among its group's versions.
func AddVersion(filename string, src []byte, alias string) ([]byte, error) { return src, nil }

// AddGroup appends element, the text of a composite literal without its type, to the []apiserver.Group that the file's
// list of groups is.
func AddGroup(filename string, src []byte, element string) ([]byte, error) { return src, nil }
