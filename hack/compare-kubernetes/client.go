package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// users are who asks: a cluster's administrator, one whom no role is bound to, and one who does not say who they are.
const (
	admin     = "admin"
	developer = "developer"
	stranger  = "stranger"
)

// connect makes a client for each user, of certificates that kubecraft has made.
func (s *side) connect(pki string) error {
	s.clients = map[string]*http.Client{stranger: newClient()}
	for _, user := range []string{admin, developer} {
		identity, err := tls.LoadX509KeyPair(filepath.Join(pki, user+".crt"), filepath.Join(pki, user+".key"))
		if err != nil {
			return err
		}
		s.clients[user] = newClient(identity)
	}
	return nil
}

func newClient(identity ...tls.Certificate) *http.Client {
	// What is compared is not who answers.
	config := &tls.Config{InsecureSkipVerify: true, Certificates: identity}
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// request is one that both sides get. YAML of the corpus is read into it.
type request struct {
	As     string            `json:"as"`     // a user, or "Bearer TOKEN"; the administrator if empty
	Method string            `json:"method"` // GET if empty
	Path   string            `json:"path"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// answer is what a side says.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// answerLimit is how long an answer may take: watches of the corpus end before.
const answerLimit = 90 * time.Second

func (s *side) do(ctx context.Context, r request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	method, user := r.Method, r.As
	if method == "" {
		method = http.MethodGet
	}
	if user == "" {
		user = admin
	}
	var body io.Reader
	if r.Body != "" {
		body = strings.NewReader(r.Body)
	}
	to, err := http.NewRequestWithContext(ctx, method, s.url+r.Path, body)
	if err != nil {
		return nil, err
	}
	to.Header.Set("User-Agent", "compare-kubernetes")
	if r.Body != "" {
		to.Header.Set("Content-Type", "application/json")
	}
	for key, value := range r.Header {
		to.Header.Set(key, value)
	}
	if strings.HasPrefix(user, "Bearer ") {
		to.Header.Set("Authorization", user)
		user = stranger
	}
	client := s.clients[user]
	if client == nil {
		return nil, fmt.Errorf("there is no user %q", user)
	}
	response, err := client.Do(to)
	if err != nil {
		if ctx.Err() == nil && strings.Contains(err.Error(), "stream error") { // a handler that panics resets its stream
			return &answer{body: []byte("the stream was reset")}, nil
		}
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%s %s: %w", method, r.Path, err)
	}
	return &answer{status: response.StatusCode, header: response.Header, body: text}, nil
}
