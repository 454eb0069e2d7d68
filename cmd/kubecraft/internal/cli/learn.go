package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/docs/lessons"
	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/lesson"
	"github.com/kubecraft/kubecraft/generator/project"
)

// learnFlags are those of learn.
type learnFlags struct {
	writeFlags
	apply, outOfOrder bool
}

func (a *app) learnCommand() *cobra.Command {
	var flags learnFlags
	cmd := &cobra.Command{
		Use:   "learn [LESSON]",
		Short: "Learn how Kubernetes is made, by lessons in a project of your own",
		Long: `Learn how Kubernetes is made, by lessons in a project of your own: each is one idea, a verb or an edit, something to look at, and a
question that an experiment answers. They begin with a server that has no types and end with the whole of Kubernetes.

Without a number: which lessons the project has done, and the next: its text, and what it changes as a diff. With one: that lesson.
With --apply the lesson is done to the project: its verbs are run and its edits made, all of them or, on an error, none. What a lesson
has done is seen from the project's code, so that to type its verbs and edits by hand is the same.`,
		Example: `  kubecraft learn                   # which lesson this project stands at, and the next
  kubecraft learn 2                 # read lesson 2
  kubecraft learn 2 --apply         # do it to this project
  kubecraft learn 2 --dry-run -v    # what it changes, generated files included`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(cmd, "learn takes one lesson, not %q", strings.Join(args, " "))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (numbers []string, _ cobra.ShellCompDirective) {
			if all, err := lesson.Load(lessons.Files); err == nil && len(args) == 0 {
				for _, l := range all {
					numbers = append(numbers, fmt.Sprintf("%d\t%s", l.Number, l.Title))
				}
			}
			return numbers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			all, err := lesson.Load(lessons.Files)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				if flags.apply || flags.dryRun || flags.outOfOrder {
					return usage(cmd, "say which lesson, as in kubecraft learn 2 --apply")
				}
				return a.learn(cmd.Context(), all, flags)
			}
			l, err := findLesson(cmd, all, args[0])
			if err != nil {
				return err
			}
			if flags.apply || flags.dryRun {
				return a.doLesson(cmd.Context(), all, l, flags)
			}
			return a.showLesson(cmd.Context(), all, l, flags)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&flags.apply, "apply", false, "do the lesson's steps to the project")
	cmd.Flags().BoolVar(&flags.outOfOrder, "out-of-order", false, "do them although earlier lessons are not done")
	return cmd
}

// findLesson returns the lesson of that number, or name.
func findLesson(cmd *cobra.Command, all []lesson.Lesson, arg string) (lesson.Lesson, error) {
	number, err := strconv.Atoi(arg)
	for _, l := range all {
		if err == nil && l.Number == number || arg == l.Name || arg == l.File() {
			return l, nil
		}
	}
	return lesson.Lesson{}, usage(cmd, "there is no lesson %s: they go from 1 to %d, and kubecraft learn lists them", arg, len(all))
}

// lessonState is what a project has to do with a lesson.
type lessonState string

const (
	lessonDone  lessonState = "done"
	lessonNext  lessonState = "next"
	lessonLater lessonState = "later"
	// lessonDiffers is the next one, if the project is not as it expects.
	lessonDiffers lessonState = "differs"
)

// listedLesson is a lesson as -o json shows it.
type listedLesson struct {
	Number int         `json:"number"`
	Name   string      `json:"name"`
	Title  string      `json:"title"`
	State  lessonState `json:"state"`
	// Problem is why the project differs.
	Problem string `json:"problem,omitempty"`
}

// shownLesson is one with all that is to be known of it.
type shownLesson struct {
	listedLesson
	Text    string       `json:"text"`
	Changes []fileChange `json:"changes,omitempty"`
	Diff    string       `json:"diff,omitempty"`
}

// learn lists the lessons and shows the next. Outside projects that is the first.
func (a *app) learn(ctx context.Context, all []lesson.Lesson, flags learnFlags) error {
	p, err := a.openProject()
	if err != nil && !isNoProject(err) {
		return err
	}
	list, err := a.listLessons(ctx, p, all)
	if err != nil {
		return err
	}
	next := slices.IndexFunc(list, func(l listedLesson) bool { return l.State == lessonNext })
	var set *changeset.Set
	if p != nil && next >= 0 {
		if set, err = a.tryLesson(ctx, p, all[next], &list[next]); err != nil {
			return err
		}
	}
	if flags.json {
		return a.writeJSON(list)
	}
	table := tabwriter.NewWriter(a.Out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "LESSON\tTITLE\tSTATE")
	for _, l := range list {
		fmt.Fprintf(table, "%d\t%s\t%s\n", l.Number, l.Title, l.State)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(a.Out)
	if next < 0 {
		fmt.Fprintln(a.Out, "all lessons are done; each ends with the places of Kubernetes' source that do the same: kubecraft learn NUMBER shows it again")
		return nil
	}
	return a.tellLesson(list, all, all[next], p, set)
}

// showLesson shows a lesson and what it changes.
func (a *app) showLesson(ctx context.Context, all []lesson.Lesson, l lesson.Lesson, flags learnFlags) error {
	p, err := a.openProject()
	if err != nil && !isNoProject(err) {
		return err
	}
	list, err := a.listLessons(ctx, p, all)
	if err != nil {
		return err
	}
	listed := &list[l.Number-1]
	var set *changeset.Set
	if p != nil && listed.State == lessonNext {
		if set, err = a.tryLesson(ctx, p, l, listed); err != nil {
			return err
		}
	}
	if flags.json {
		shown := shownLesson{listedLesson: *listed, Text: l.Text()}
		if set != nil {
			if shown.Changes, shown.Diff, err = describe(set); err != nil {
				return err
			}
		}
		return a.writeJSON(shown)
	}
	return a.tellLesson(list, all, l, p, set)
}

// tellLesson writes a lesson's text, what it changes, and what to do now.
func (a *app) tellLesson(list []listedLesson, all []lesson.Lesson, l lesson.Lesson, p *project.Project, set *changeset.Set) error {
	listed := list[l.Number-1]
	fmt.Fprintln(a.Out, l.Text())
	switch {
	case p == nil && l.Number == 1:
		fmt.Fprintf(a.Out, "to begin: %s\n", l.Begin())
	case p == nil:
		fmt.Fprintf(a.Out, "the lessons are done in a project, and there is none here; to begin: %s\n", all[0].Begin())
	case listed.State == lessonDone:
		fmt.Fprintln(a.Out, "the project has done this lesson")
	case listed.State == lessonLater:
		fmt.Fprintf(a.Out, "earlier lessons are to be done before it: kubecraft learn\n")
	case listed.State == lessonDiffers:
		fmt.Fprintf(a.Out, "the project is not as the lesson expects: %s\n%s\n", listed.Problem, stillPossible(list, l))
	default:
		return a.tellChanges(p, l, set)
	}
	return nil
}

// tellChanges writes what a lesson would change, and how to have it done.
func (a *app) tellChanges(p *project.Project, l lesson.Lesson, set *changeset.Set) error {
	changes, err := set.Changes()
	if err != nil {
		return err
	}
	fmt.Fprintln(a.Out, "what it changes in this project:")
	a.list(changes)
	fmt.Fprintln(a.Out)
	shown := set
	if a.verbose == 0 {
		shown = handWritten(p.Dir, changes)
	}
	if err := shown.Diff(a.Out); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "\nto do it: kubecraft learn %d --apply, or by hand as its text says\n", l.Number)
	return nil
}

// doLesson does a lesson to the project, or shows what that would change.
func (a *app) doLesson(ctx context.Context, all []lesson.Lesson, l lesson.Lesson, flags learnFlags) error {
	p, err := a.openProject()
	if isNoProject(err) {
		return fmt.Errorf("%w; the lessons begin with: %s", err, all[0].Begin())
	}
	if err != nil {
		return err
	}
	list, err := a.listLessons(ctx, p, all)
	if err != nil {
		return err
	}
	nothing := fmt.Sprintf("lesson %d is done already: nothing to do", l.Number)
	if list[l.Number-1].State == lessonDone {
		return a.commit(ctx, changeset.New(p.Dir), flags.writeFlags, outcome{Dir: p.Dir}, "", nothing)
	}
	for _, earlier := range list[:l.Number-1] {
		if earlier.State != lessonDone && !flags.outOfOrder {
			return fmt.Errorf("lesson %d comes first, %s: kubecraft learn %d shows it, and --out-of-order leaves it out", earlier.Number, earlier.Title, earlier.Number)
		}
	}
	rehearsed, err := a.rehearse(ctx, p, l)
	if differs := new(differsError); errors.As(err, &differs) {
		return fmt.Errorf("lesson %d: %w; %s", l.Number, err, stillPossible(list, l))
	}
	if err != nil {
		return err
	}
	return a.commit(ctx, rehearsed.set, flags.writeFlags, outcome{Dir: p.Dir, Notes: rehearsed.notes, Warnings: rehearsed.warnings},
		fmt.Sprintf("lesson %d is done: %s", l.Number, l.Title), nothing)
}

// stillPossible says what can be done with a lesson that does not fit.
func stillPossible(list []listedLesson, l lesson.Lesson) string {
	text := fmt.Sprintf("do it by hand, as kubecraft learn %d says: it counts as done once its verbs and edits have nothing left to change", l.Number)
	for _, later := range list[l.Number:] {
		if later.State != lessonDone {
			return text + fmt.Sprintf("; or leave it out: kubecraft learn %d --apply --out-of-order", later.Number)
		}
	}
	return text
}

// listLessons returns what the project, which may be nil, has done.
func (a *app) listLessons(ctx context.Context, p *project.Project, all []lesson.Lesson) ([]listedLesson, error) {
	var list []listedLesson
	for _, l := range all {
		listed := listedLesson{Number: l.Number, Name: l.Name, Title: l.Title, State: lessonLater}
		done := false
		if p != nil {
			var err error
			if done, err = a.hasDone(ctx, p, l); err != nil {
				return nil, err
			}
		}
		hasNext := slices.ContainsFunc(list, func(l listedLesson) bool { return l.State == lessonNext })
		switch {
		case done:
			listed.State = lessonDone
		case !hasNext:
			listed.State = lessonNext
		}
		list = append(list, listed)
	}
	return list, nil
}

// tryLesson returns what the next lesson would change. If the project is not as the lesson expects, that is noted.
func (a *app) tryLesson(ctx context.Context, p *project.Project, l lesson.Lesson, listed *listedLesson) (*changeset.Set, error) {
	rehearsed, err := a.rehearse(ctx, p, l)
	if differs := new(differsError); errors.As(err, &differs) {
		listed.State, listed.Problem = lessonDiffers, err.Error()
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return rehearsed.set, nil
}

// describe returns what a set would change.
func describe(set *changeset.Set) ([]fileChange, string, error) {
	changes, err := set.Changes()
	if err != nil {
		return nil, "", err
	}
	var diff strings.Builder
	err = set.Diff(&diff)
	return fileChanges(changes), diff.String(), err
}
