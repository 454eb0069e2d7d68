//go:build whole

package main

import "testing"

// TestWholeLessons does all lessons, and types the commands of those that TestLessons leaves out.
func TestWholeLessons(t *testing.T) {
	t.Parallel()
	course := newCourse(t, buildTool(t, "kubectl"), findTool(t, "etcdctl"))
	whole := false
	for _, l := range course.lessons {
		course.do(t, l)
		if whole = whole || needsKubernetes(l); whole {
			course.try(t, l)
		}
	}
}
