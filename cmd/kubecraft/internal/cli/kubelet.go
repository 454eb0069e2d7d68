package cli

import "github.com/kubecraft/kubecraft/generator/scaffold"

func kubeletVerbs() componentVerbs {
	return componentVerbs{
		kind: scaffold.Kubelet(), example: "worker",
		short: "Add a kubelet of your own: a node whose pods run Go functions",
		long: `Add a kubelet of your own to the project's control plane, which must serve the whole built-in API (add builtin --all): it registers
the node NAME, keeps its lease, and runs the containers of its pods as Go functions, with exit codes, restarts, termination and kubectl
logs. Simulated nodes (add part kubelet) may be beside it. The node has a taint, so that pods which do not ask for it stay away.

pkg/components/kubelet/NAME gets the part (kubelet.go), the functions that pods run by the names of images (images.go), and a test in a
cluster; main.go gets a line.`,
		examples: `  kubecraft add kubelet worker
  kubecraft add kubelet worker --dry-run`,
	}
}
