package imports

const module = "github.com/kubecraft/kubecraft"

// Rule forbids packages that match From to reach a package that matches any of Never, directly or through others.
// Patterns are import paths; a trailing "/..." takes in the packages below.
type Rule struct {
	From   string
	Except []string // packages matching From that the rule leaves alone
	Never  []string
	Reason string
}

// Rules are kubecraft's own.
func Rules() []Rule {
	return []Rule{
		{
			From:   module + "/cmd/...",
			Never:  []string{module + "/runtime/...", "k8s.io/apiserver/...", "k8s.io/client-go/kubernetes/...", "k8s.io/kubernetes/...", "modernc.org/..."},
			Reason: "a newcomer's first command compiles in under a minute: the server is linked by the project's main only",
		},
		{
			From:   module + "/generator/...",
			Never:  []string{module + "/runtime/...", module + "/cmd/...", module},
			Reason: "what ties the halves is the text of the templates, proven by examples/, not an import",
		},
		{
			From:   module + "/runtime/...",
			Never:  []string{module + "/generator/...", module + "/templates/...", module + "/cmd/...", module, "k8s.io/code-generator/...", "k8s.io/gengo/..."},
			Reason: "a project that runs carries nothing of what wrote it",
		},
		{
			From:   module + "/templates/...",
			Never:  []string{module + "/generator/...", module + "/runtime/...", module + "/cmd/...", "k8s.io/..."},
			Reason: "templates are data",
		},
		{
			From:   module + "/docs/lessons",
			Never:  []string{module + "/generator/...", module + "/runtime/...", module + "/cmd/...", "k8s.io/..."},
			Reason: "lessons are data",
		},
		{
			From:   module + "/runtime/...",
			Except: []string{module + "/runtime/kubernetes/...", module + "/runtime/scheduler/...", module + "/runtime/controllers/..."},
			Never:  []string{"k8s.io/kubernetes/..."},
			Reason: "weight follows imports: a minimal project must not compile the whole of Kubernetes",
		},
		{
			From:   module + "/runtime/kubernetes/...",
			Except: []string{module + "/runtime/kubernetes", module + "/runtime/kubernetes/internal/..."},
			Never: []string{
				module + "/runtime/kubernetes", "k8s.io/kubernetes/cmd/...", "k8s.io/kubernetes/pkg/kubeapiserver/...",
				"k8s.io/kubernetes/pkg/controlplane", "k8s.io/kubernetes/pkg/controlplane/apiserver/...",
			},
			Reason: "a resource of the built-in API that is served alone must not compile the whole of it",
		},
		{
			From:   module + "/runtime/storage/...",
			Never:  []string{module + "/runtime/apiserver/...", module + "/runtime/controlplane/...", module + "/runtime/registry/...", "k8s.io/apiserver/pkg/server"},
			Reason: "data flows one way: the server stands on the store",
		},
		{
			From:   module + "/runtime/registry/...",
			Never:  []string{module + "/runtime/apiserver/...", module + "/runtime/controlplane/...", module + "/runtime/storage/..."},
			Reason: "a project's registry is built from these and must be testable without a server",
		},
		{
			From:   module + "/runtime/apiserver/...",
			Never:  []string{module + "/runtime/controlplane/..."},
			Reason: "the control plane composes the server, never the other way round",
		},
		{
			From:   module + "/runtime/authentication/...",
			Never:  []string{module + "/runtime/apiserver/...", module + "/runtime/controlplane/...", module + "/runtime/extension/..."},
			Reason: "the server asks who somebody is; what answers does not know the server",
		},
		{
			From:   module + "/runtime/authorization/...",
			Never:  []string{module + "/runtime/apiserver/...", module + "/runtime/controlplane/...", module + "/runtime/extension/..."},
			Reason: "the server asks what somebody may do; what answers does not know the server",
		},
		{
			From:   module + "/generator/resource/...",
			Never:  []string{module + "/generator/project/...", module + "/generator/scaffold/...", module + "/generator/codegen/...", module + "/generator/changeset/...", module + "/generator/rewrite/..."},
			Reason: "a resource is a value; everything else is about it",
		},
		{
			From:   module + "/generator/rewrite/...",
			Never:  []string{module + "/generator/project/...", module + "/generator/scaffold/...", module + "/generator/codegen/...", module + "/generator/changeset/..."},
			Reason: "an edit is a pure function of source text",
		},
		{
			From:   module + "/generator/changeset/...",
			Never:  []string{module + "/generator/project/...", module + "/generator/scaffold/...", module + "/generator/codegen/...", module + "/generator/rewrite/...", module + "/generator/resource/..."},
			Reason: "a changeset knows files, not what is in them",
		},
	}
}
