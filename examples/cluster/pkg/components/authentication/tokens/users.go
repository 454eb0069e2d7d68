package tokens

import (
	"bytes"
	"context"
	"runtime"
	"strings"

	"golang.org/x/crypto/bcrypt"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/kubecraft/kubecraft/runtime/extension"
)

// maxSecret is how many bytes of a secret bcrypt looks at.
const maxSecret = 72

// users are those of a file. A token is NAME:SECRET.
type users struct {
	known map[string]entry
	// stranger is compared for names that are not known, so that the time that an answer takes does not tell which are.
	stranger []byte
	// comparing has room for as many comparisons as there are processors: tokens that anybody makes up do not take more.
	comparing chan struct{}
}

type entry struct {
	line int
	hash []byte
	info user.Info
}

// parse reads lines as htpasswd -B writes them, with the user's groups behind: NAME:HASH or NAME:HASH:GROUP,GROUP. What newtoken.go adds
// is such a line. Those that are empty or begin with # are not looked at.
func parse(file extension.File) (*users, error) {
	u := &users{known: map[string]entry{}, comparing: make(chan struct{}, runtime.GOMAXPROCS(0))}
	highest, number := bcrypt.MinCost, 0
	for line := range bytes.Lines(file.Content) {
		number++
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, rest, _ := strings.Cut(text, ":")
		hash, list, _ := strings.Cut(rest, ":")
		cost, err := bcrypt.Cost([]byte(hash))
		switch before, twice := u.known[name]; {
		case name == "" || rest == "":
			return nil, file.Errorf(number, "is not NAME:HASH or NAME:HASH:GROUP,GROUP")
		case err != nil:
			return nil, file.Errorf(number, "what %s has is not a bcrypt hash: %v", name, err)
		case twice:
			return nil, file.Errorf(number, "%s is in line %d too", name, before.line)
		}
		var groups []string
		for group := range strings.SplitSeq(list, ",") {
			if group = strings.TrimSpace(group); group != "" {
				groups = append(groups, group)
			}
		}
		u.known[name] = entry{number, []byte(hash), &user.DefaultInfo{Name: name, Groups: groups}}
		highest = max(highest, cost)
	}
	var err error
	u.stranger, err = bcrypt.GenerateFromPassword(nil, highest)
	return u, err
}

// AuthenticateToken implements authenticator.Token. Tokens of another form are left to others. Its error is the context's.
func (u *users) AuthenticateToken(ctx context.Context, token string) (*authenticator.Response, bool, error) {
	name, secret, ok := strings.Cut(token, ":")
	if !ok || secret == "" || len(secret) > maxSecret {
		return nil, false, nil
	}
	of, known := u.known[name]
	if !known {
		of.hash = u.stranger
	}
	select {
	case u.comparing <- struct{}{}:
		defer func() { <-u.comparing }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	if err := bcrypt.CompareHashAndPassword(of.hash, []byte(secret)); err != nil || !known {
		return nil, false, nil
	}
	return &authenticator.Response{User: of.info}, true, nil
}
