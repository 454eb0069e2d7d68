package apiserver

import (
	"strings"

	apimachineryversion "k8s.io/apimachinery/pkg/version"
	"k8s.io/apiserver/pkg/util/compatibility"
	basecompatibility "k8s.io/component-base/compatibility"
)

// KubernetesVersion is the release whose API machinery this is. Upstream learns its own from linker flags, which a
// plain `go build` does not give.
const KubernetesVersion = "v1.37.2"

func effectiveVersion() basecompatibility.EffectiveVersion {
	return released{compatibility.DefaultBuildEffectiveVersion()}
}

type released struct {
	basecompatibility.EffectiveVersion
}

// Info is what /version answers.
func (r released) Info() *apimachineryversion.Info {
	info := r.EffectiveVersion.Info()
	if !strings.HasPrefix(info.GitVersion, "v0.0.0") {
		return info
	}
	info.GitVersion, info.GitCommit, info.GitTreeState = KubernetesVersion, "", ""
	return info
}
