package docs

import (
	"fmt"
	"strings"
)

// Command is a line that a reader would type, with the output that the page shows under it.
type Command struct {
	File    string
	Section string // its heading
	Line    int    // of the command, from 1
	Text    string
	Output  []string
}

// Commands returns the commands in text's console blocks. In a block, a line that starts with "$ " is a command, a
// backslash at its end continues it, and a here-document belongs to it; the lines up to the next command are its output.
// A text block is output of the command above it, if its section has one, whatever its lines start with.
func Commands(file, text string) ([]Command, error) {
	var commands []Command
	var heredoc string // the line that ends the here-document being read
	inside, output, continued := false, false, false
	above := 0 // commands of the sections before
	var section string
	for i, line := range strings.Split(text, "\n") {
		if !inside {
			if strings.HasPrefix(line, "#") {
				above = len(commands)
				section = strings.TrimLeft(line, "# ")
			}
			output = line == "```text"
			inside = output || line == "```console"
			continue
		}
		last := len(commands) - 1
		switch {
		case heredoc != "":
			commands[last].Text += "\n" + line
			if line == heredoc {
				heredoc = ""
			}
		case continued:
			commands[last].Text += "\n" + line
			continued = strings.HasSuffix(line, `\`)
		case line == "```":
			inside = false
		case strings.HasPrefix(line, "$ ") && !output:
			commands = append(commands, Command{File: file, Section: section, Line: i + 1, Text: line[2:]})
			continued = strings.HasSuffix(line, `\`)
			if _, end, ok := strings.Cut(line, "<<"); ok {
				heredoc = strings.Trim(strings.Fields(end)[0], `'"`)
			}
		case last < above && output: // a table, or the like
		case last < 0:
			return nil, fmt.Errorf("%s:%d: output without a command above it", file, i+1)
		default:
			commands[last].Output = append(commands[last].Output, line)
		}
	}
	if inside {
		return nil, fmt.Errorf("%s: a block is not closed", file)
	}
	return commands, nil
}
