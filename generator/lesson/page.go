package lesson

import (
	"fmt"
	"path"
	"strings"
)

const made = "<!-- Made by hack/update-lessons.sh. DO NOT EDIT. -->\n\n"

// Pages returns the lessons as Markdown: by file name a page for each, and README.md, which lists them.
func Pages(lessons []Lesson) map[string]string {
	pages := map[string]string{}
	var index strings.Builder
	index.WriteString(made + "# Lessons\n\n" +
		"A Kubernetes-style control plane, from nothing to the whole of Kubernetes: each lesson is one idea, one verb or edit, one thing\n" +
		"that changes, and one question that an experiment answers. What they lead to is `examples/lessons`.\n\n" +
		"`kubecraft learn` says which lesson a project stands at and what the next changes; `kubecraft learn 2 --apply` does it. The commands\n" +
		"are those of a test: each lesson's project is compiled, served and asked.\n\n" +
		"| | lesson | steps |\n|---|---|---|\n")
	for i, l := range lessons {
		fmt.Fprintf(&index, "| %d | [%s](%s.md) | %s |\n", l.Number, l.Title, l.File(), strings.Join(l.steps(), ", "))
		var before, after *Lesson
		if i > 0 {
			before = &lessons[i-1]
		}
		if i+1 < len(lessons) {
			after = &lessons[i+1]
		}
		pages[l.File()+".md"] = l.page(before, after)
	}
	pages["README.md"] = index.String()
	return pages
}

// steps are the lesson's in short.
func (l Lesson) steps() []string {
	var all []string
	for _, s := range l.Steps {
		if s.Edit != nil {
			all = append(all, "`"+s.Edit.File+"`")
			continue
		}
		all = append(all, "`"+strings.Join(s.Verb, " ")+"`")
	}
	return all
}

func (l Lesson) page(before, after *Lesson) string {
	var b strings.Builder
	fmt.Fprintf(&b, made+"# %d. %s\n", l.Number, l.Title)
	for _, s := range l.Sections {
		if s.Heading != "" {
			fmt.Fprintf(&b, "\n## %s\n", s.Heading)
		}
		inside := false // of a block of commands
		for _, block := range s.Blocks {
			if inside && block.Command == nil {
				b.WriteString("```\n")
				inside = false
			}
			switch {
			case block.Command != nil:
				if !inside {
					b.WriteString("\n```console\n")
					inside = true
				}
				b.WriteString("$ " + block.Command.Text + "\n")
				for _, line := range block.Command.Output {
					b.WriteString(line + "\n")
				}
			case block.Edit != nil && block.Edit.Hunks == nil:
				fmt.Fprintf(&b, "\n`%s`, which is new:\n\n```%s\n%s```\n", block.Edit.File, strings.TrimPrefix(path.Ext(block.Edit.File), "."), block.Edit.Content)
			case block.Edit != nil:
				fmt.Fprintf(&b, "\n`%s`:\n\n```diff\n%s\n```\n", block.Edit.File, block.Edit.diff())
			default:
				b.WriteString("\n" + block.Prose + "\n")
			}
		}
		if inside {
			b.WriteString("```\n")
		}
	}
	b.WriteString("\n")
	for _, p := range l.Upstream {
		fmt.Fprintf(&b, "- [`%s`](https://pkg.go.dev/%s), `%s`: %s\n", p.Package, p.Package, strings.Join(p.Names, "`, `"), p.Text)
	}
	var links []string
	if before != nil {
		links = append(links, fmt.Sprintf("[%d. %s](%s.md)", before.Number, before.Title, before.File()))
	}
	links = append(links, "[all lessons](README.md)")
	if after != nil {
		links = append(links, fmt.Sprintf("[%d. %s](%s.md)", after.Number, after.Title, after.File()))
	}
	fmt.Fprintf(&b, "\n%s\n", strings.Join(links, " · "))
	return b.String()
}

func (e *Edit) diff() string {
	var hunks []string
	for _, h := range e.Hunks {
		hunks = append(hunks, h.String())
	}
	return strings.Join(hunks, "\n@@\n")
}

// Text is the lesson for a terminal.
func (l Lesson) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d. %s\n", l.Number, l.Title)
	for _, s := range l.Sections {
		if s.Heading != "" {
			fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(s.Heading))
		}
		wasCommand := false
		for _, block := range s.Blocks {
			if block.Command == nil || !wasCommand {
				b.WriteString("\n")
			}
			wasCommand = block.Command != nil
			switch {
			case block.Command != nil:
				b.WriteString(indent("$ "+block.Command.Text) + "\n")
				for _, line := range block.Command.Output {
					b.WriteString("  " + line + "\n")
				}
			case block.Edit != nil && block.Edit.Hunks == nil:
				fmt.Fprintf(&b, "  %s, which is new:\n\n%s\n", block.Edit.File, indent(strings.TrimSuffix(block.Edit.Content, "\n")))
			case block.Edit != nil:
				fmt.Fprintf(&b, "  %s:\n\n%s\n", block.Edit.File, indent(block.Edit.diff()))
			default:
				b.WriteString(block.Prose + "\n")
			}
		}
	}
	b.WriteString("\n")
	for _, p := range l.Upstream {
		fmt.Fprintf(&b, "- %s, %s: %s\n", p.Package, strings.Join(p.Names, ", "), p.Text)
	}
	return b.String()
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}
