package lesson

import (
	"fmt"
	"io/fs"
	"strings"
)

// Module is what lessons call the module of the project that they are about. In another project it stands for that one's.
const Module = "example.com/lessons"

// Lesson is one of the lessons, in the order in which they are done.
type Lesson struct {
	// Number counts from 1.
	Number int
	// Name is the file's, without number and extension: "a-type".
	Name string
	// Title is the first line.
	Title string
	// Sections are the text. The first has no heading.
	Sections []Section
	// Steps are what is done to the project, in order.
	Steps []Step
	// Upstream are the places that do the same at scale.
	Upstream []Pointer
}

// File is the base name of the lesson's files, without extension: "02-a-type".
func (l Lesson) File() string { return fmt.Sprintf("%02d-%s", l.Number, l.Name) }

// Section is a part of the text under one of the headings Do, Look, Question, Experiment and Upstream.
type Section struct {
	Heading string
	Blocks  []Block
}

// Block is a paragraph, or a command, or a step that is an edit. One of the fields is set.
type Block struct {
	// Prose is Markdown, of one or more lines.
	Prose   string
	Command *Command
	Edit    *Edit
}

// Command is a line that a reader types.
type Command struct {
	// Line is where it stands in the lesson's file, from 1.
	Line int
	// Text may have several lines.
	Text string
	// Output is what it prints. A line of dots stands for any lines, an ellipsis in a line for anything.
	Output []string
}

// Serves says whether the command starts the project's server anew.
func (c Command) Serves() bool { return c.Text == serve || strings.HasPrefix(c.Text, serve+" ") }

// ServeArgs are what the server is started with.
func (c Command) ServeArgs() []string { return strings.Fields(strings.TrimPrefix(c.Text, serve)) }

const serve = "kubecraft serve"

// Step is a verb or an edit. One of the fields is set.
type Step struct {
	// Verb are kubecraft's arguments.
	Verb []string
	Edit *Edit
}

// Pointer names a place in upstream's source.
type Pointer struct {
	// Package is an import path.
	Package string
	// Names are identifiers of the package, or methods as in "Scheme.New".
	Names []string
	// Text says what is to be seen there.
	Text string
}

// Commands returns the commands that a reader types when the lesson's steps are done, in order: from the first `kubecraft serve`
// on, if there is one below Do.
func (l Lesson) Commands() []Command {
	var commands []Command
	for _, s := range l.Sections {
		for _, b := range s.Blocks {
			if b.Command != nil && (s.Heading != do || b.Command.Serves()) {
				commands = append(commands, *b.Command)
			}
		}
	}
	return commands
}

// Begin is the first command below Do: of the first lesson it makes the project.
func (l Lesson) Begin() string {
	for _, s := range l.Sections {
		for _, b := range s.Blocks {
			if s.Heading == do && b.Command != nil {
				return b.Command.Text
			}
		}
	}
	return ""
}

// Load reads the lessons in a folder: the files NN-NAME.txtar, numbered from 01 on. Errors name the file and the line.
func Load(dir fs.FS) ([]Lesson, error) {
	names, err := fs.Glob(dir, "*.txtar")
	if err != nil {
		return nil, err
	}
	var lessons []Lesson
	for i, name := range names {
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		number, rest, ok := strings.Cut(strings.TrimSuffix(name, ".txtar"), "-")
		if !ok || number != fmt.Sprintf("%02d", i+1) || rest == "" {
			return nil, fmt.Errorf("%s: lesson %d is to be in a file of the name %02d-NAME.txtar", name, i+1, i+1)
		}
		l, err := Parse(name, content)
		if err != nil {
			return nil, err
		}
		l.Number, l.Name = i+1, rest
		lessons = append(lessons, *l)
	}
	return lessons, nil
}
