package kubelet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"
)

const (
	// scaleNamespace and scaleName are where a ConfigMap says how many nodes there are to be, by scaleNodes, and what they are like, by
	// scaleTemplate: a Node in YAML. kubecraft scale nodes writes it.
	scaleNamespace = metav1.NamespaceSystem
	scaleName      = "simulated-nodes"
	scaleNodes     = "nodes"
	scaleTemplate  = "template"
	// scaleKept is the annotation in which the ConfigMap keeps, in JSON, what it said last that could be done.
	scaleKept = "kubecraft.io/kept"
	// scaleInterval is how long it takes at most until nodes that somebody has deleted are there again.
	scaleInterval = 30 * time.Second
)

// scale makes nodes: node-0 and so on, as many as users say, whose number is kept; until they do, at least some. What of them is too
// many it deletes, once users have said how many.
func (f *fleet) scale(ctx context.Context, atLeast int, recorder record.EventRecorder) error {
	changed := make(chan struct{}, 1)
	tell := func(of any) {
		if c, ok := of.(*corev1.ConfigMap); ok && c.Namespace == scaleNamespace && c.Name == scaleName {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}
	registration, err := f.wanted.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: tell, UpdateFunc: func(_, of any) { tell(of) }, DeleteFunc: tell,
	})
	if err != nil {
		return err
	}
	defer func() { _ = f.wanted.RemoveEventHandler(registration) }()
	if !cache.WaitForCacheSync(ctx.Done(), f.wanted.HasSynced) {
		return nil
	}
	tick := time.NewTicker(scaleInterval)
	defer tick.Stop()
	for {
		if err := f.scaleOnce(ctx, atLeast, recorder); err != nil && ctx.Err() == nil {
			klog.V(1).Infof("simulated nodes: %v", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-tick.C:
		}
	}
}

// scaleOnce brings the nodes to what is wanted. Without a word from users it deletes none.
func (f *fleet) scaleOnce(ctx context.Context, atLeast int, recorder record.EventRecorder) error {
	of, exists, err := f.wanted.GetStore().GetByKey(scaleNamespace + "/" + scaleName)
	if err != nil || !exists {
		return f.make(ctx, atLeast, &corev1.Node{})
	}
	said := of.(*corev1.ConfigMap)
	n, template, wrong := readScale(said.Data)
	if wrong != nil {
		recorder.Event(said, corev1.EventTypeWarning, "ScaleFailed", wrong.Error())
		var kept map[string]string
		if json.Unmarshal([]byte(said.Annotations[scaleKept]), &kept) != nil {
			return wrong
		}
		if n, template, err = readScale(kept); err != nil {
			return wrong
		}
	}
	if err = f.make(ctx, n, template); err == nil {
		err = f.deleteFrom(ctx, n)
	}
	if err == nil && wrong == nil {
		err = f.keepScale(ctx, said)
	}
	if err != nil && ctx.Err() == nil {
		recorder.Event(said, corev1.EventTypeWarning, "ScaleFailed", err.Error())
	}
	return errors.Join(wrong, err)
}

// readScale reads how many nodes there are to be, and what they are like.
func readScale(data map[string]string) (n int, template *corev1.Node, err error) {
	n, err = strconv.Atoi(data[scaleNodes])
	if err != nil || n < 0 || n > maxNodes {
		return 0, nil, fmt.Errorf("data.%s is %q: from 0 to %d nodes can be simulated", scaleNodes, data[scaleNodes], maxNodes)
	}
	if template, err = readTemplate(data[scaleTemplate]); err != nil {
		return 0, nil, fmt.Errorf("data.%s: %w", scaleTemplate, err)
	}
	return n, template, nil
}

// keepScale notes in the ConfigMap what it says: that holds on, after a restart too, if somebody writes into it what cannot be.
func (f *fleet) keepScale(ctx context.Context, said *corev1.ConfigMap) error {
	kept, err := json.Marshal(said.Data)
	if err != nil || said.Annotations[scaleKept] == string(kept) {
		return err
	}
	noted := said.DeepCopy()
	noted.Annotations = withDefaults(map[string]string{scaleKept: string(kept)}, said.Annotations)
	_, err = f.client.CoreV1().ConfigMaps(scaleNamespace).Update(ctx, noted, metav1.UpdateOptions{})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) || apierrors.IsInvalid(err) {
		return nil // somebody says something else, or it is longer than an annotation may be
	}
	return err
}

// make makes the nodes that are missing of the first n.
func (f *fleet) make(ctx context.Context, n int, template *corev1.Node) error {
	making, ctx := errgroup.WithContext(ctx)
	making.SetLimit(workers)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		if f.node(nodeNameOf(i)) != nil {
			continue
		}
		making.Go(func() error {
			_, err := f.client.CoreV1().Nodes().Create(ctx, newNode(i, n, template), metav1.CreateOptions{})
			if apierrors.IsAlreadyExists(err) || ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return fmt.Errorf("node %s: %w", nodeNameOf(i), err)
			}
			return nil
		})
	}
	return making.Wait()
}

// deleteFrom deletes the simulated nodes from the nth on, of those that are named as make names them. The nth is the last to go: whoever
// waits for the end looks for it.
func (f *fleet) deleteFrom(ctx context.Context, n int) error {
	deleting, together := errgroup.WithContext(ctx)
	deleting.SetLimit(workers)
	remove := func(ctx context.Context, node *corev1.Node) error {
		err := f.client.CoreV1().Nodes().Delete(ctx, node.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &node.UID}})
		if apierrors.IsNotFound(err) || apierrors.IsConflict(err) || ctx.Err() != nil {
			return nil
		}
		return err
	}
	var last *corev1.Node
	for _, of := range f.nodes.GetStore().List() {
		node := of.(*corev1.Node)
		i, err := strconv.Atoi(strings.TrimPrefix(node.Name, "node-"))
		switch {
		case err != nil || i < n || nodeNameOf(i) != node.Name || node.Annotations[Annotation] != simulated:
		case i == n:
			last = node
		default:
			deleting.Go(func() error { return remove(together, node) })
		}
	}
	if err := deleting.Wait(); err != nil || last == nil {
		return err
	}
	return remove(ctx, last)
}
