// Package lesson reads lessons and does what they edit. A lesson is one file, a txtar archive: a text for people, whose
// commands are typed by a test, and the edits that the text refers to. It looks like this:
//
//	A type
//
//	What it is about, in paragraphs of Markdown.
//
//	# Do
//	$ kubecraft add type example/v1 Bar --short-names br
//	edit pkg/apis/example/v1/defaults.go
//	$ kubecraft serve
//
//	# Look
//	$ kubectl get bars
//	No resources found in default namespace.
//
//	# Question
//	Who writes the default, the client or the server?
//
//	# Experiment
//	$ ...
//
//	# Upstream
//	- k8s.io/apimachinery/pkg/runtime Scheme.AddTypeDefaultingFunc: where defaults are registered.
//	-- edit pkg/apis/example/v1/defaults.go --
//	 func addDefaultingFuncs(scheme *runtime.Scheme) error {
//	+	...
//
// A line that begins with "$ " is a command; a backslash at its end or a here-document continues it, and the lines up to an
// empty one or to the next command are what it prints. A line "edit FILE" or "write FILE" below Do stands for the section of that
// name: an edit of hunks, whose lines begin with a space, a minus or a plus as in a diff, each hunk after a line "@@", and a
// whole new file. Commands of kubecraft below Do, but for serve, are the lesson's verbs.
package lesson
