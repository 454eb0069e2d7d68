package guard

import (
	"strings"
	"sync"

	"k8s.io/klog/v2"
)

// maxCauses bounds what is remembered of what was logged. Nothing is logged after as many.
const maxCauses = 100

// log says each cause once, however many requests meet it.
type log struct {
	mu   sync.Mutex
	said map[string]bool
}

// once logs a text about somebody, with a place behind it, unless its cause was logged before. The cause is what stands before the first
// digit or quote: times, sizes and names differ by request.
func (l *log) once(about, text string, place func() string) {
	cause := about + text
	if i := strings.IndexAny(text, `0123456789"'`); i > 0 {
		cause = about + text[:i]
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said[cause] || len(l.said) > maxCauses {
		return
	}
	if l.said == nil {
		l.said = map[string]bool{}
	}
	l.said[cause] = true
	more := ""
	if len(l.said) > maxCauses {
		more = "; what else goes wrong is not logged any more"
	}
	klog.Errorf("%s%s%s%s", about, text, place(), more)
}
