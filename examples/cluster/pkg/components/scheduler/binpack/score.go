package binpack

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kube-scheduler/framework"
)

// ScoreName is what config.yaml calls the score.
const ScoreName = "BinpackScore"

// score says which of the nodes that would do is the best: the one with the most pods, so that others stay empty.
type score struct{}

var (
	_ framework.ScorePlugin     = score{}
	_ framework.ScoreExtensions = score{}
)

func newScore(context.Context, runtime.Object, framework.Handle) (framework.Plugin, error) {
	return score{}, nil
}

// Name implements framework.Plugin.
func (score) Name() string { return ScoreName }

// Score implements framework.ScorePlugin. It is asked about many nodes at once.
func (score) Score(_ context.Context, _ framework.CycleState, _ *corev1.Pod, node framework.NodeInfo) (int64, *framework.Status) {
	return int64(len(node.GetPods())), nil
}

// ScoreExtensions implements framework.ScorePlugin.
func (s score) ScoreExtensions() framework.ScoreExtensions { return s }

// NormalizeScore implements framework.ScoreExtensions: scores must be from 0 to MaxScore.
func (score) NormalizeScore(_ context.Context, _ framework.CycleState, _ *corev1.Pod, scores framework.NodeScoreList) *framework.Status {
	var most int64
	for _, s := range scores {
		most = max(most, s.Score)
	}
	if most == 0 {
		return nil
	}
	for i := range scores {
		scores[i].Score = scores[i].Score * framework.MaxScore / most
	}
	return nil
}
