package testenv_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/controllers"
	"github.com/kubecraft/kubecraft/runtime/kubelet"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/scheduler"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

// stopsChild is the environment variable of the process in which TestClustersLeaveWhatIsListed starts and stops clusters.
const stopsChild = "TESTENV_STOPS"

// What a cluster leaves in a process is what the documentation of testenv lists, however many there are.
func TestClustersLeaveWhatIsListed(t *testing.T) {
	if os.Getenv(stopsChild) == "" {
		t.Parallel()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestClustersLeaveWhatIsListed$")
		cmd.Env = append(os.Environ(), stopsChild+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	for i := range 2 {
		t.Run(fmt.Sprint(i), runPods)
	}
	listed := []string{"k8s.io/apiserver/pkg/server/healthz.(*log).Check.func1"}
	for begin := time.Now(); !slices.Equal(goroutines(), listed); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("what is left was begun by\n%s", strings.Join(goroutines(), "\n"))
		}
	}
}

// runPods has a cluster run a pod.
func runPods(t *testing.T) {
	env := testenv.Start(t, kubernetes.All(), controllers.All(), scheduler.Default(), kubelet.Simulated())
	client := clientset.NewForConfigOrDie(env.Config())
	if _, err := client.AppsV1().Deployments("default").Create(t.Context(), newDeployment("web", 1), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its pod runs", func() bool {
		now, err := client.AppsV1().Deployments("default").Get(t.Context(), "web", metav1.GetOptions{})
		return err == nil && now.Status.AvailableReplicas == 1
	})
}

var createdBy = regexp.MustCompile(`(?m)^created by (\S+)`)

// goroutines are those of the process, but for the test's, by what has created them.
func goroutines() (found []string) {
	all := make([]byte, 64<<20)
	all = all[:runtime.Stack(all, true)]
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		by := createdBy.FindStringSubmatch(stack)
		if by == nil || by[1] == "testing.(*T).Run" || strings.HasPrefix(by[1], "os/signal.") {
			continue
		}
		found = append(found, by[1])
	}
	slices.Sort(found)
	return found
}
