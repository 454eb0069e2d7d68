package controlplane

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"github.com/kubecraft/kubecraft/runtime/pki"
)

// renewInterval is how often a running server looks whether certificates expire. They have a month left then.
const renewInterval = 6 * time.Hour

// certificates returns those of the PKI folder, renewed if they need to be.
func (o Options) certificates() (*pki.Bundle, error) {
	return pki.Ensure(o.PKI, pki.Options{Hosts: append(hosts(o.Address), o.hosts...), Now: o.clock.Now})
}

// planKubeconfigs plans the administrator's kubeconfig and those of users that are not; none if the administrator's is not
// wanted.
func (o Options) planKubeconfigs(url string, bundle *pki.Bundle) ([]*pki.Kubeconfig, error) {
	if o.Kubeconfig == "" {
		return nil, nil
	}
	admin, err := pki.PlanKubeconfig(o.Kubeconfig, o.Name, url, bundle)
	if err != nil {
		return nil, err
	}
	plans := []*pki.Kubeconfig{admin}
	for _, user := range o.users {
		own, err := pki.EnsureUser(o.PKI, pki.Options{Now: o.clock.Now}, bundle, user)
		if err != nil {
			return nil, err
		}
		plan, err := pki.PlanKubeconfig(o.userKubeconfig(user), o.Name, url, own)
		if err != nil {
			return nil, err
		}
		plans = append(plans, plan)
	}
	return plans, nil
}

// renewUsers renews those kubeconfigs that are still there.
func (o Options) renewUsers(url string, bundle *pki.Bundle) error {
	for _, user := range o.users {
		file := o.userKubeconfig(user)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		own, err := pki.EnsureUser(o.PKI, pki.Options{Now: o.clock.Now}, bundle, user)
		if err != nil {
			return err
		}
		if err := pki.RenewKubeconfig(file, o.Name, url, own); err != nil {
			return err
		}
	}
	return nil
}

func (o Options) userKubeconfig(user string) string { return filepath.Join(o.PKI, user+".kubeconfig") }

// renew keeps the certificates of a running server good until ctx ends, and the kubeconfig, which has those of written.
func (c *ControlPlane) renew(ctx context.Context, o Options, written *pki.Bundle, renewals clock.Ticker) {
	defer renewals.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-renewals.C():
		}
		renewed, err := c.renewOnce(o)
		if err == nil && o.Kubeconfig != "" && (!bytes.Equal(written.AdminCert, renewed.AdminCert) || !bytes.Equal(written.CA, renewed.CA)) {
			err = pki.RenewKubeconfig(o.Kubeconfig, o.Name, c.url, renewed)
		}
		if err == nil && o.Kubeconfig != "" {
			err = o.renewUsers(c.url, renewed)
		}
		if err != nil {
			klog.Warningf("certificates are not renewed: %v", err)
			continue
		}
		written = renewed
	}
}

func (c *ControlPlane) renewOnce(o Options) (*pki.Bundle, error) {
	renewed, err := o.certificates()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !bytes.Equal(c.bundle.ServingCert, renewed.ServingCert) || !bytes.Equal(c.bundle.CA, renewed.CA) {
		if err := c.server.SetCertificates(renewed.ServingCert, renewed.ServingKey, renewed.CA); err != nil {
			return nil, err
		}
	}
	c.bundle = renewed
	return renewed, nil
}
