// Command demo is a Kubernetes-style control plane, made of the parts listed in main.
package main

import (
	"os"

	"github.com/kubecraft/kubecraft/runtime/controllers"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/kubelet"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/scheduler"

	"example.com/demo/pkg/apiserver"
	"example.com/demo/pkg/components/admission/barowners"
	"example.com/demo/pkg/components/admission/owners"
	"example.com/demo/pkg/components/authentication/sso"
	"example.com/demo/pkg/components/authentication/tokens"
	"example.com/demo/pkg/components/authorization/rules"
	"example.com/demo/pkg/components/controller/barkeeper"
	"example.com/demo/pkg/components/kubelet/worker"
	"example.com/demo/pkg/components/scheduler/binpack"
)

func main() {
	os.Exit(controlplane.Main("demo", os.Args[1:],
		apiserver.Groups(),
		kubernetes.All(),
		controllers.All(),
		scheduler.Default(),
		kubelet.Simulated(),
		tokens.Authenticator(),
		sso.Authenticator(),
		rules.Authorizer(),
		owners.Admission(),
		barowners.Admission(),
		barkeeper.Controller(),
		binpack.Scheduler(),
		worker.Kubelet(),
	))
}
