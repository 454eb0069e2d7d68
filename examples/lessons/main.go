// Command lessons is a Kubernetes-style control plane, made of the parts listed in main.
package main

import (
	"os"

	"github.com/kubecraft/kubecraft/runtime/controllers"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/kubelet"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/scheduler"

	"example.com/lessons/pkg/apiserver"
	"example.com/lessons/pkg/components/admission/owners"
	"example.com/lessons/pkg/components/authentication/tokens"
	"example.com/lessons/pkg/components/authorization/rules"
	"example.com/lessons/pkg/components/controller/barkeeper"
	"example.com/lessons/pkg/components/scheduler/binpack"
)

func main() {
	os.Exit(controlplane.Main("lessons", os.Args[1:],
		apiserver.Groups(),
		tokens.Authenticator(),
		rules.Authorizer(),
		owners.Admission(),
		barkeeper.Controller(),
		kubernetes.All(),
		kubelet.Simulated(),
		binpack.Scheduler(),
		controllers.All(),
		scheduler.Default(),
	))
}
