package lesson

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// do is the heading of the steps.
const do = "Do"

func headings() []string { return []string{do, "Look", "Question", "Experiment", "Upstream"} }

// Parse reads a lesson. Errors name the file and the line.
func Parse(filename string, content []byte) (*Lesson, error) {
	archive := txtar.Parse(content)
	p := &parser{file: filename, lesson: &Lesson{}, edits: map[string]*Edit{}}
	at := strings.Count(string(archive.Comment), "\n") + 1
	for _, f := range archive.Files {
		e, err := parseEdit(f.Name, string(f.Data))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: -- %s --: %w", filename, at, f.Name, err)
		}
		p.edits[f.Name] = e
		at += strings.Count(string(f.Data), "\n") + 1
	}
	text := strings.TrimRight(string(archive.Comment), "\n")
	if err := p.text(strings.Split(text, "\n")); err != nil {
		return nil, err
	}
	for _, f := range archive.Files {
		if p.edits[f.Name] != nil {
			return nil, fmt.Errorf("%s: -- %s -- is not below # Do", filename, f.Name)
		}
	}
	return p.lesson, nil
}

type parser struct {
	file   string
	lesson *Lesson
	edits  map[string]*Edit // that no step has taken yet
	line   int              // from 1
}

func (p *parser) fail(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.file, p.line, fmt.Sprintf(format, args...))
}

func (p *parser) text(lines []string) error {
	p.line = 1
	if p.lesson.Title = lines[0]; p.lesson.Title == "" {
		return p.fail("the first line is to be the title")
	}
	p.lesson.Sections = []Section{{}}
	for i := 1; i < len(lines); {
		p.line = i + 1
		line := lines[i]
		section := &p.lesson.Sections[len(p.lesson.Sections)-1]
		heading, isHeading := strings.CutPrefix(line, "# ")
		switch {
		case line == "":
			i++
		case isHeading:
			if wanted := headings()[len(p.lesson.Sections)-1:]; len(wanted) == 0 || wanted[0] != heading {
				return p.fail("the headings are %s, in this order, not %q", strings.Join(headings(), ", "), heading)
			}
			p.lesson.Sections = append(p.lesson.Sections, Section{Heading: heading})
			i++
		case strings.HasPrefix(line, "$ "):
			n, err := p.command(section, lines[i:])
			if err != nil {
				return err
			}
			i += n
		case section.Heading == do && p.edits[line] != nil:
			section.Blocks = append(section.Blocks, Block{Edit: p.edits[line]})
			p.lesson.Steps = append(p.lesson.Steps, Step{Edit: p.edits[line]})
			p.edits[line] = nil
			i++
		case section.Heading == "Upstream":
			pointer, err := p.pointer(line)
			if err != nil {
				return err
			}
			p.lesson.Upstream = append(p.lesson.Upstream, pointer)
			i++
		default:
			n := slices.IndexFunc(lines[i:], func(line string) bool { return p.ends(section, line) })
			if n < 0 {
				n = len(lines) - i
			}
			section.Blocks = append(section.Blocks, Block{Prose: strings.Join(lines[i:i+n], "\n")})
			i += n
		}
	}
	if got := len(p.lesson.Sections) - 1; got != len(headings()) {
		return p.fail("ends before # %s", headings()[got])
	}
	if len(p.lesson.Upstream) == 0 || len(p.lesson.Steps) == 0 {
		return p.fail("there are no steps below # Do, or nothing below # Upstream")
	}
	return nil
}

// ends says whether a line belongs no more to the block before it.
func (p *parser) ends(section *Section, line string) bool {
	return line == "" || strings.HasPrefix(line, "$ ") || section.Heading == do && p.edits[line] != nil
}

// hereDocument is its beginning, with its last line; `<<<` begins none.
var hereDocument = regexp.MustCompile(`(?:^|[^<])<<['"]?([A-Za-z]+)`)

// command reads one and what it prints, and returns how many lines that were.
func (p *parser) command(section *Section, lines []string) (int, error) {
	c := &Command{Line: p.line, Text: strings.TrimPrefix(lines[0], "$ ")}
	i := 1
	for ; i < len(lines) && strings.HasSuffix(lines[i-1], `\`); i++ {
		c.Text += "\n" + lines[i]
	}
	if m := hereDocument.FindStringSubmatch(c.Text); m != nil {
		end := m[1]
		for found := false; !found; i++ {
			if i == len(lines) {
				return 0, p.fail("the here-document does not end: there is no line %s", end)
			}
			c.Text += "\n" + lines[i]
			found = lines[i] == end
		}
	}
	for ; i < len(lines) && !p.ends(section, lines[i]); i++ {
		c.Output = append(c.Output, lines[i])
	}
	section.Blocks = append(section.Blocks, Block{Command: c})
	if verb, ok := strings.CutPrefix(c.Text, "kubecraft "); ok && section.Heading == do && !c.Serves() {
		verb, _, _ = strings.Cut(verb, " && ")
		if strings.ContainsAny(verb, "'\"\\$\n;|<>") {
			return 0, p.fail("a verb is of plain words, not %q", verb)
		}
		p.lesson.Steps = append(p.lesson.Steps, Step{Verb: strings.Fields(verb)})
	}
	return i, nil
}

var pointer = regexp.MustCompile(`^- (\S+\.\S+/\S+) ([A-Za-z0-9_., ]+): (.+)$`)

func (p *parser) pointer(line string) (Pointer, error) {
	m := pointer.FindStringSubmatch(line)
	if m == nil {
		return Pointer{}, p.fail("below # Upstream a line is - PACKAGE NAME, ...: TEXT")
	}
	return Pointer{Package: m[1], Names: strings.Split(m[2], ", "), Text: m[3]}, nil
}
