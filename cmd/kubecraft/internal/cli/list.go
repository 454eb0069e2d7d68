package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
	"github.com/kubecraft/kubecraft/generator/inventory"
	"github.com/kubecraft/kubecraft/generator/project"
)

func (a *app) listCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show what the project is made of, and where each is wired",
		Long: `Show what the project is made of: the types of its own API in every version, with the version that each is stored in; resources of
the built-in API, also those that are served because a controller needs them; the parts of the control plane; and those of them that are the project's own. WIRED is the line of code, from the
project's root, that puts it there. The code is only read, so this works on a project that does not compile.`,
		Example: `  kubecraft list
  kubecraft list -o json`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			json, err := wantsJSON(cmd, output)
			if err != nil {
				return err
			}
			p, err := a.openProject()
			if err != nil {
				return err
			}
			made, err := inventory.Read(p)
			if err != nil {
				return err
			}
			if json {
				return a.writeJSON(made)
			}
			return a.writeInventory(made)
		},
	}
	addOutputFlag(cmd, &output)
	return cmd
}

// writeInventory writes a table for each sort of thing that there is.
func (a *app) writeInventory(made *inventory.Inventory) error {
	types := section{title: "TYPES", header: []string{"GROUP", "VERSION", "KIND", "RESOURCE", "SCOPE", "STORAGE", "SUBRESOURCES", "WIRED"}}
	for _, t := range made.Types {
		scope := "Cluster"
		if t.Namespaced {
			scope = "Namespaced"
		}
		wired := none
		if t.Wired != nil {
			wired = place(*t.Wired)
		}
		types.add(t.Group, t.Version, t.Kind, t.Resource, scope, cmp.Or(t.StorageVersion, none), cmp.Or(strings.Join(t.Subresources, ","), none), wired)
	}
	resources := section{title: "BUILT-IN RESOURCES", header: []string{"GROUP", "RESOURCE", "WIRED"}}
	for _, r := range made.Builtin {
		resources.add(cmp.Or(r.Group, "core"), r.Resource, place(r.Wired))
	}
	parts := section{title: "PARTS", header: []string{"NAME", "PACKAGE", "WIRED"}}
	for _, part := range made.Parts {
		parts.add(part.Name, cmp.Or(part.Package, none), place(part.Wired))
	}
	components := section{title: "COMPONENTS", header: []string{"KIND", "NAME", "FOLDER", "WIRED"}}
	for _, c := range made.Components {
		components.add(c.Kind, c.Name, c.Dir, place(c.Wired))
	}
	first := true
	for _, s := range []section{types, resources, parts, components} {
		if len(s.rows) == 0 {
			continue
		}
		if !first {
			fmt.Fprintln(a.Out)
		}
		first = false
		fmt.Fprintln(a.Out, s.title)
		if err := (client.Table{Header: s.header, Rows: s.rows}).Write(a.Out); err != nil {
			return err
		}
	}
	return nil
}

// none stands in a table where there is nothing.
const none = "-"

type section struct {
	title  string
	header []string
	rows   [][]string
}

func (s *section) add(cells ...string) { s.rows = append(s.rows, cells) }

func place(p project.Place) string { return fmt.Sprintf("%s:%d", p.File, p.Line) }
