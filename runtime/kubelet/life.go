package kubelet

import (
	"context"
	"fmt"
)

// notEnded is said of a function that was left behind.
const notEnded = "did not end within the grace period"

// life is how long containers have: they are to end with the one, and are given up with the other.
type life struct{ ending, givenUp context.Context }

// call calls a function of a Runtime's, and leaves it behind when the containers are given up: it has not ended then. What failed makes
// is the result of one that does not return, while its stack is there: it panics, or ends its goroutine.
func call[T any](of life, f func() T, failed func(why string) T) (result T, ended bool) {
	done := make(chan T, 1)
	go func() {
		var r T
		returned := false
		defer func() {
			if what := recover(); what != nil {
				r = failed(fmt.Sprintf("panic: %v", what))
			} else if !returned {
				r = failed("ended its goroutine: runtime.Goexit")
			}
			done <- r
		}()
		r = f()
		returned = true
	}()
	select {
	case r := <-done:
		return r, true
	case <-of.givenUp.Done():
	}
	select {
	case r := <-done:
		return r, true
	default:
		return result, false
	}
}
