// Package scheduler is kube-scheduler as a part of a control plane: upstream's own, against an API server in the same process.
package scheduler
