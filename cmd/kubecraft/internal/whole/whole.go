//go:build whole

package whole

import (
	"io"
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // as kubectl's own main package has it
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
	_ "github.com/kubecraft/kubecraft/cmd/kubecraft/internal/whole/translations"
	"github.com/kubecraft/kubecraft/runtime/controllers"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/kubelet"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/scheduler"
)

// The command without the control plane has the path by heart. This compiles if it is right.
var _ = map[bool]struct{}{false: {}, client.StopPath == controlplane.StopPath: {}}

// ControlPlane runs all of Kubernetes' API, and its client, in this process.
type ControlPlane struct{}

// Serve runs a server until it is told to stop, by a signal or a request, and returns the process's exit code. The cluster's name
// is what the kubeconfig calls it; args are flags as a project's server has them; ready is called once the server is.
func (ControlPlane) Serve(cluster string, args []string, ready func(stdout io.Writer)) int {
	return controlplane.Command{
		Name:    "kubecraft",
		Cluster: cluster,
		Parts:   []controlplane.Part{kubernetes.All(), controllers.All(), scheduler.Default(), kubelet.Simulated()},
		Ready:   ready,
	}.Main(args)
}

// Kubectl makes this process kubectl, and returns its exit code. It does what k8s.io/kubernetes/cmd/kubectl does. A failure that
// kubectl reports ends the process there.
func (ControlPlane) Kubectl(args []string) int {
	os.Args = append([]string{"kubectl"}, args...)
	_, _ = logs.GlogSetter(cmd.GetLogVerbosity(os.Args))
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
	return 0
}
