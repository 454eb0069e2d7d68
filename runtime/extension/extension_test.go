package extension_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"github.com/spf13/pflag"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/client-go/dynamic"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/extension"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

// said is what the process logs.
var said struct {
	sync.Mutex
	bytes.Buffer
}

func TestMain(m *testing.M) {
	// As a contextual one, so that testenv sees that it is there.
	klog.SetLoggerWithOptions(funcr.New(func(_, args string) {
		said.Lock()
		defer said.Unlock()
		said.WriteString(args + "\n")
	}, funcr.Options{}), klog.ContextualLogger(true))
	os.Exit(m.Run())
}

func logs(text string) bool {
	said.Lock()
	defer said.Unlock()
	return strings.Contains(said.String(), text)
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begin := time.Now(); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// known makes an authenticator that knows the user that the file names by the token that it has too.
func known(ctx context.Context, file extension.File) (authenticator.Request, error) {
	name := strings.TrimSpace(string(file.Content))
	switch name {
	case "broken":
		return nil, file.Errorf(1, "is broken")
	case "nil":
		return nil, nil
	case "panic":
		panic("no file")
	}
	return authenticator.RequestFunc(func(req *http.Request) (*authenticator.Response, bool, error) {
		switch req.Header.Get("X-User") {
		case name:
			return &authenticator.Response{User: &user.DefaultInfo{Name: name, Groups: []string{"system:masters"}}}, ctx.Err() == nil, nil
		case "panic":
			panic("while asked")
		}
		return nil, false, nil
	}), nil
}

// as is a configuration of whom the header names.
func as(env *testenv.Env, name string) *rest.Config {
	config := rest.AnonymousClientConfig(env.Config())
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			req.Header.Set("X-User", name)
			return next.RoundTrip(req)
		})
	})
	return config
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func robots(t *testing.T, config *rest.Config) dynamic.ResourceInterface {
	t.Helper()
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client.Resource(toysv1.SchemeGroupVersion.WithResource("robots")).Namespace("default")
}

func list(t *testing.T, config *rest.Config) error {
	t.Helper()
	_, err := robots(t, config).List(t.Context(), metav1.ListOptions{})
	return err
}

// What a component is made from may come late, change, break, mend and go.
func TestAFileIsReadAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "user")
	env := testenv.Start(t, serve.Groups(), extension.Authenticator(extension.Options{Name: "late", File: file, Secret: true}, known))
	if !logs("authenticator late: " + file + " is not there yet") {
		t.Error("that the file is not there is not said")
	}
	if err := list(t, as(env, "alice")); !apierrors.IsUnauthorized(err) {
		t.Errorf("with no file: %v", err)
	}
	write(t, file, "alice")
	eventually(t, "alice is known", func() bool { return list(t, as(env, "alice")) == nil })
	for _, broken := range []string{"broken", "nil", "panic"} {
		write(t, file, broken)
		eventually(t, broken+" is said", func() bool {
			return logs(map[string]string{
				"broken": "authenticator late: " + file + ":1: is broken; what it said before holds",
				"nil":    "gives nil, and no error",
				"panic":  "panicked: no file",
			}[broken])
		})
		if err := list(t, as(env, "alice")); err != nil {
			t.Errorf("what held before, with a file that has %s: %v", broken, err)
		}
	}
	write(t, file, "bob")
	eventually(t, "bob is known", func() bool { return list(t, as(env, "bob")) == nil })
	if err := list(t, as(env, "alice")); !apierrors.IsUnauthorized(err) {
		t.Errorf("alice, who is not in the file any more: %v", err)
	}
	if err := list(t, as(env, "panic")); !apierrors.IsUnauthorized(err) {
		t.Errorf("one that panics: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	eventually(t, "that it has gone is said", func() bool { return logs(file + ": no such file or directory; what it said before holds") })
	if err := list(t, as(env, "bob")); err != nil {
		t.Errorf("bob, after the file has gone: %v", err)
	}
	write(t, file, "carol")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	eventually(t, "carol is known", func() bool { return list(t, as(env, "carol")) == nil })
	if !logs("others can read " + file + ": chmod 600 " + file) {
		t.Error("that others can read it is not said")
	}
}

// A user who was known does not wait behind tokens that nobody has, until the file changes.
func TestTokensAreRemembered(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "user")
	write(t, file, "alice")
	var asked atomic.Int64
	release := make(chan struct{})
	part := extension.TokenAuthenticator(extension.Options{Name: "remembering", File: file, Secret: true, Timeout: time.Minute, Remember: time.Hour},
		func(_ context.Context, file extension.File) (authenticator.Token, error) {
			return authenticator.TokenFunc(func(_ context.Context, token string) (*authenticator.Response, bool, error) {
				asked.Add(1)
				if strings.HasPrefix(token, "nobody") {
					<-release
				}
				return &authenticator.Response{User: &user.DefaultInfo{Name: token}}, token == string(file.Content), nil
			}), nil
		})
	config := &controlplane.Config{}
	if err := part.Apply(config); err != nil {
		t.Fatal(err)
	}
	known := func(ctx context.Context, token string) bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
		if err != nil {
			t.Error(err)
			return false
		}
		req.Header.Set("Authorization", "Bearer "+token)
		_, ok, _ := config.Authenticators[0].AuthenticateRequest(req)
		return ok
	}
	if !known(t.Context(), "alice") {
		t.Fatal("alice is not known")
	}
	var all sync.WaitGroup
	const calls = 256 // as many as may be under way
	for i := range calls {
		all.Go(func() {
			if token := fmt.Sprint("nobody", i); known(t.Context(), token) {
				t.Errorf("%s is known", token)
			}
		})
	}
	eventually(t, "all places are taken", func() bool { return asked.Load() == calls+1 })
	if ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second); !known(ctx, "alice") {
		cancel()
		t.Error("alice waits behind tokens that nobody has")
	} else {
		cancel()
	}
	close(release)
	all.Wait()
	if !known(t.Context(), "alice") || asked.Load() != calls+1 {
		t.Errorf("alice is not remembered: asked %d times", asked.Load())
	}

	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := config.Components[0].Run(ctx, nil); err != nil {
			t.Error(err)
		}
	})
	write(t, file, "bob")
	eventually(t, "bob is known", func() bool { return known(ctx, "bob") })
	eventually(t, "alice is forgotten", func() bool { return !known(ctx, "alice") })
	cancel()
	run.Wait()
	for _, end := range config.Closers {
		end()
	}
}

// The file is in place of what is compiled in, and the one that a user names in place of both.
func TestWhichFileIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	usual, given := filepath.Join(dir, "usual"), filepath.Join(dir, "given")
	part := extension.Authenticator(extension.Options{Name: "which", File: usual, Config: []byte("alice")}, known)
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	part.AddFlags(flags)
	start := func() *testenv.Env { return testenv.Start(t, serve.Groups(), part) }
	if err := list(t, as(start(), "alice")); err != nil {
		t.Errorf("as compiled in: %v", err)
	}
	write(t, usual, "bob")
	if err := list(t, as(start(), "bob")); err != nil {
		t.Errorf("as the file says: %v", err)
	}
	if err := flags.Parse([]string{"--which-config", given}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ content, want string }{
		{"", "authenticator which: open " + given}, {"broken", "authenticator which: " + given + ":1: is broken"},
	} {
		if c.content != "" { // at first it is not there
			write(t, given, c.content)
		}
		_, err := controlplane.Start(t.Context(), controlplane.Options{}, serve.Groups(), part)
		if wrong, ok := errors.AsType[*controlplane.UsageError](err); !ok || !strings.HasPrefix(wrong.Message, c.want) {
			t.Errorf("a file with %q: %v", c.content, err)
		}
	}
	write(t, given, "carol")
	if err := list(t, as(start(), "carol")); err != nil {
		t.Errorf("as the given file says: %v", err)
	}
}

// An authorizer that panics or hangs denies, and one before it decides.
func TestAuthorizersAreAskedInOrder(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	ask := func(decide func(authorizer.Attributes) (authorizer.Decision, string)) func(context.Context, extension.File) (authorizer.UnconditionalAuthorizer, error) {
		return func(context.Context, extension.File) (authorizer.UnconditionalAuthorizer, error) {
			return authorizer.AuthorizerFunc(func(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
				decision, reason := decide(a)
				return decision, reason, nil
			}), nil
		}
	}
	first := extension.Authorizer(extension.Options{Name: "first", Timeout: 100 * time.Millisecond}, ask(func(a authorizer.Attributes) (authorizer.Decision, string) {
		switch a.GetUser().GetName() {
		case "denied":
			return authorizer.DecisionDeny, "no robots for you"
		case "panic":
			panic("no decision")
		case "hang":
			<-release
			return authorizer.DecisionAllow, ""
		}
		return authorizer.DecisionNoOpinion, "nothing here"
	}))
	second := extension.Authorizer(extension.Options{Name: "second"}, ask(func(a authorizer.Attributes) (authorizer.Decision, string) {
		if a.GetUser().GetName() == "stranger" {
			return authorizer.DecisionNoOpinion, "nor here"
		}
		return authorizer.DecisionAllow, ""
	}))
	env := testenv.Start(t, serve.Groups(), first, second)
	for name, want := range map[string]string{
		"allowed": "", "denied": "no robots for you", "panic": "authorizer first panicked: no decision",
		"hang": "authorizer first did not answer within 100ms", "stranger": "first: nothing here\nsecond: nor here",
	} {
		err := list(t, env.User(name))
		if want == "" && err != nil || want != "" && (!apierrors.IsForbidden(err) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server with authorizers of its own answers what users may do, and describes that it does.
func TestReviews(t *testing.T) {
	t.Parallel()
	env := testenv.Start(t, serve.Groups(), extension.Authorizer(extension.Options{Name: "selected"}, func(context.Context, extension.File) (authorizer.UnconditionalAuthorizer, error) {
		return authorizer.AuthorizerFunc(func(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
			labels, labelErr := a.GetLabelSelector()
			fields, fieldErr := a.GetFieldSelector()
			reason := fmt.Sprint(a.GetUser().GetName(), a.GetUser().GetGroups(), a.GetUser().GetExtra(), " ", a.GetPath(), a.GetAPIVersion(), labels, labelErr != nil, fields, fieldErr != nil)
			if a.GetVerb() == "allow" {
				return authorizer.DecisionAllow, reason, nil
			}
			return authorizer.DecisionDeny, reason, nil
		}), nil
	}))
	client := authorizationclient.NewForConfigOrDie(env.Config())
	review := func(spec authorizationv1.SubjectAccessReviewSpec) (authorizationv1.SubjectAccessReviewStatus, error) {
		got, err := client.SubjectAccessReviews().Create(t.Context(), &authorizationv1.SubjectAccessReview{Spec: spec}, metav1.CreateOptions{})
		if err != nil {
			return authorizationv1.SubjectAccessReviewStatus{}, err
		}
		return got.Status, nil
	}
	selecting := func(label []metav1.LabelSelectorRequirement, field []metav1.FieldSelectorRequirement) *authorizationv1.ResourceAttributes {
		return &authorizationv1.ResourceAttributes{
			Verb: "allow", LabelSelector: &authorizationv1.LabelSelectorAttributes{Requirements: label}, FieldSelector: &authorizationv1.FieldSelectorAttributes{Requirements: field},
		}
	}
	for want, spec := range map[string]authorizationv1.SubjectAccessReviewSpec{
		"allowed joe[a b] map[k:[v]] * false [] false": {User: "joe", Groups: []string{"a", "b"}, Extra: map[string]authorizationv1.ExtraValue{"k": {"v"}},
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "allow"}},
		"denied joe[] map[] /p false [] false": {User: "joe", NonResourceAttributes: &authorizationv1.NonResourceAttributes{Verb: "get", Path: "/p"}},
		"denied [a] map[] v1 false [] false":   {Groups: []string{"a"}, ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "get", Version: "v1"}},
		"allowed joe[] map[] *a in (b) false [{= c d}] false": {User: "joe", ResourceAttributes: selecting(
			[]metav1.LabelSelectorRequirement{{Key: "a", Operator: metav1.LabelSelectorOpIn, Values: []string{"b"}}},
			[]metav1.FieldSelectorRequirement{{Key: "c", Operator: metav1.FieldSelectorOpIn, Values: []string{"d"}}})},
		"allowed joe[] map[] * true [] true": {User: "joe", ResourceAttributes: selecting(
			[]metav1.LabelSelectorRequirement{{Key: "a", Operator: "Like"}},
			[]metav1.FieldSelectorRequirement{{Key: "c", Operator: metav1.FieldSelectorOpExists}})},
		"allowed joe[] map[] *a=b, c!=d false [{= e f}] false": {User: "joe", ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "allow",
			LabelSelector: &authorizationv1.LabelSelectorAttributes{RawSelector: "a=b,c!=d"}, FieldSelector: &authorizationv1.FieldSelectorAttributes{RawSelector: "e=f"}}},
	} {
		status, err := review(spec)
		got := "none"
		switch {
		case status.Allowed:
			got = "allowed"
		case status.Denied:
			got = "denied"
		}
		if got += " " + status.Reason; err != nil || got != want {
			t.Errorf("%q, %v, not %q", got, err, want)
		}
	}
	for what, spec := range map[string]authorizationv1.SubjectAccessReviewSpec{
		"of nobody":     {ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "get"}},
		"of nothing":    {User: "joe"},
		"of two things": {User: "joe", ResourceAttributes: &authorizationv1.ResourceAttributes{}, NonResourceAttributes: &authorizationv1.NonResourceAttributes{}},
	} {
		if status, err := review(spec); !apierrors.IsBadRequest(err) {
			t.Errorf("%s: %+v, %v", what, status, err)
		}
	}
	for path, want := range map[string]string{
		"/openapi/v2": "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
		"/openapi/v3/apis/authorization.k8s.io/v1":  "SubjectAccessReview",
		"/openapi/v3/apis/authentication.k8s.io/v1": "SelfSubjectReview",
	} {
		body, err := client.RESTClient().Get().AbsPath(path).SetHeader("Accept", "application/json").DoRaw(t.Context())
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%s: %v, %.200s", path, err, body)
		}
	}
}

// mark is a plugin that writes its name into what is made.
type mark struct {
	*admission.Handler
	name   string
	client *rest.Config
}

func (m mark) Admit(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	object := a.GetObject().(metav1.Object)
	if object.GetName() == "panics" {
		panic("no mark")
	}
	all, err := dynamic.NewForConfig(m.client)
	if err != nil {
		return err
	}
	there, err := all.Resource(a.GetResource()).Namespace(a.GetNamespace()).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	object.SetAnnotations(map[string]string{"marks": fmt.Sprint(object.GetAnnotations()["marks"], m.name, len(there.Items))})
	return nil
}

func TestPluginsAreAskedInOrder(t *testing.T) {
	t.Parallel()
	marking := func(name string) controlplane.Part {
		return extension.Admission(extension.Options{Name: name}, func(_ context.Context, _ extension.File, client *rest.Config) (admission.Interface, error) {
			return mark{admission.NewHandler(admission.Create), name, client}, nil
		})
	}
	env := testenv.Start(t, serve.Groups(), marking("b"), marking("a"))
	for i, name := range []string{"one", "two"} {
		one, err := robots(t, env.Config()).Create(t.Context(), robot(name), metav1.CreateOptions{})
		if want := fmt.Sprint("b", i, "a", i); err != nil || one.GetAnnotations()["marks"] != want {
			t.Errorf("%v, %v", one, err)
		}
	}
	_, err := robots(t, env.Config()).Create(t.Context(), robot("panics"), metav1.CreateOptions{})
	if !apierrors.IsInternalError(err) || !strings.Contains(err.Error(), "admission plugin b panicked: no mark") {
		t.Errorf("one that panics: %v", err)
	}
}

func robot(name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "toys.example.com/v1", "kind": "Robot", "metadata": map[string]any{"name": name},
	}}
}

func TestPartsThatCannotBe(t *testing.T) {
	t.Parallel()
	plugin := func(of admission.Interface) controlplane.Part {
		return extension.Admission(extension.Options{Name: "plugin"}, func(context.Context, extension.File, *rest.Config) (admission.Interface, error) { return of, nil })
	}
	named := func(name string) controlplane.Part {
		return extension.Authenticator(extension.Options{Name: name, Config: []byte("alice")}, known)
	}
	for want, parts := range map[string][]controlplane.Part{
		"has neither Admit nor Validate":               {plugin(admission.NewHandler(admission.Create))},
		"gives nil, and no error":                      {plugin(nil)},
		"two parts of the control plane are called a:": {named("a"), named("a")},
		"has no name: give it one":                     {named("")},
	} {
		_, err := controlplane.Start(t.Context(), controlplane.Options{}, append(parts, serve.Groups())...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, not %s", err, want)
		}
	}
}

func TestDecode(t *testing.T) {
	type config struct {
		Names []string `yaml:"names"`
		Depth int      `yaml:"depth"`
	}
	for content, want := range map[string]string{
		"names: [a]\n":            "",
		`{"depth": 3}`:            "",
		"":                        "f.yaml: is empty",
		"# nothing\n":             "f.yaml: is empty",
		"names: [a]\nnmes: [b]":   "f.yaml:2: field nmes not found",
		"\ndepth: deep":           "f.yaml:2: cannot unmarshal !!str",
		"depth: 1\nnames: [a\n":   "f.yaml:",
		"depth: 1\n\tnames: [a]":  "f.yaml:2: found a tab",
		"depth: 1\n---\ndepth: 2": "f.yaml: has more than one document",
		"depth: 1\ndepth: 2":      `f.yaml:2: mapping key "depth" already defined`,
	} {
		err := extension.File{Name: "f.yaml", Content: []byte(content)}.Decode(&config{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v", content, err)
		}
	}
	file := extension.File{Content: []byte("# first\nrules:\n- name: a\n-\n  name: b\nother: 1\n")}
	for want, path := range map[int][]any{3: {"rules", 0}, 5: {"rules", 1, "name"}, 6: {"other"}, 2: {"rules"}, 1: nil} {
		if got := file.Line(path...); got != want && len(path) > 0 {
			t.Errorf("%v is in line %d, not %d", path, got, want)
		}
	}
	if got := (extension.File{Content: []byte("\t")}).Line("a"); got != 1 {
		t.Errorf("of what cannot be read: %d", got)
	}
}

// FuzzDecode looks for a file at which reading it panics, or says something that is not one line.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("names: [a]\ndepth: 1\n"), "names")
	f.Add([]byte("a: &x [*x]\n<<: *x"), "a")
	f.Fuzz(func(t *testing.T, content []byte, key string) {
		file := extension.File{Name: "f", Content: content}
		into := map[string]any{}
		if err := file.Decode(&into); err != nil && !strings.HasPrefix(err.Error(), "f:") {
			t.Error(err)
		}
		if line := file.Line(key, 0); line < 1 {
			t.Error(line)
		}
	})
}
