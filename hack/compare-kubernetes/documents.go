package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const (
	aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
	protobuf   = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
)

// documents compares what a server says of itself.
func (c *comparison) documents(ctx context.Context) error {
	if err := c.settle(ctx, "the API services are available", c.available); err != nil {
		return err
	}
	for _, user := range []string{admin, developer, stranger} {
		for _, path := range []string{"/", "/version", "/api", "/apis", "/livez", "/readyz", "/healthz", "/livez?verbose", "/readyz?verbose",
			"/healthz?verbose", "/livez/ping", "/readyz/etcd", "/readyz/none", "/.well-known/openid-configuration", "/openid/v1/jwks", "/statusz", "/metrics/none",
			"/debug/pprof/", "/logs", "/swagger.json", "/openapi/v3/apis/none/v1"} {
			if err := c.same(ctx, "documents", path+" as "+user, request{As: user, Path: path}); err != nil {
				return err
			}
		}
		for _, path := range []string{"/api", "/apis"} {
			for kind, accept := range map[string]string{"aggregated": aggregated, "aggregated without peers": aggregated + ";profile=nopeer", "aggregated v2beta1": strings.Replace(aggregated, "v2;", "v2beta1;", 1)} {
				if err := c.same(ctx, "discovery", path+", "+kind+", as "+user, request{As: user, Path: path, Header: map[string]string{"Accept": accept}}); err != nil {
					return err
				}
			}
		}
	}
	if err := c.flags(ctx); err != nil {
		return err
	}
	if err := c.groupVersions(ctx); err != nil {
		return err
	}
	return c.openapi(ctx)
}

// flags compares the names in /flagz: what they are set to is each side's own.
func (c *comparison) flags(ctx context.Context) error {
	ours, theirs, err := c.ask(ctx, request{Path: "/flagz"})
	if err != nil {
		return err
	}
	value := regexp.MustCompile(`(?m)^([a-z0-9-]+)[:= ].*$`)
	for _, a := range []*answer{ours, theirs} {
		a.body = value.ReplaceAll(a.body, []byte("$1"))
	}
	c.found("documents", compare("documents", "names in /flagz", newNormal(c.ours).answer(ours), newNormal(c.theirs).answer(theirs)))
	return nil
}

// settle waits for something of both sides.
func (c *comparison) settle(ctx context.Context, what string, ask func(context.Context, *side) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, s := range []*side{c.ours, c.theirs} {
		for {
			ok, err := ask(ctx, s)
			if ctx.Err() != nil {
				return fmt.Errorf("%s: not within %v: %s", s.name, patience, what)
			}
			if err != nil {
				return err
			}
			if ok {
				break
			}
			if err := pause(ctx); err != nil {
				return fmt.Errorf("%s: not within %v: %s", s.name, patience, what)
			}
		}
	}
	return nil
}

func (c *comparison) available(ctx context.Context, s *side) (bool, error) {
	got, err := s.do(ctx, request{Path: "/apis/apiregistration.k8s.io/v1/apiservices"})
	if err != nil {
		return false, err
	}
	var list struct {
		Items []struct {
			Status struct {
				Conditions []struct{ Type, Status string }
			}
		}
	}
	if err := json.Unmarshal(got.body, &list); err != nil {
		return false, err
	}
	for _, item := range list.Items {
		if len(item.Status.Conditions) == 0 || item.Status.Conditions[0].Status != "True" {
			return false, nil
		}
	}
	return len(list.Items) > 0, nil
}

// paths are those that a side lists.
func (s *side) paths(ctx context.Context) (map[string]bool, error) {
	got, err := s.do(ctx, request{Path: "/"})
	if err != nil {
		return nil, err
	}
	var list struct{ Paths []string }
	if err := json.Unmarshal(got.body, &list); err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for _, path := range list.Paths {
		all[path] = true
	}
	return all, nil
}

// everywhere are the paths of either side, in order.
func (c *comparison) everywhere(ctx context.Context) ([]string, error) {
	all, err := c.ours.paths(ctx)
	if err != nil {
		return nil, err
	}
	more, err := c.theirs.paths(ctx)
	if err != nil {
		return nil, err
	}
	maps.Copy(all, more)
	return slices.Sorted(maps.Keys(all)), nil
}

// groupVersions compares the list of resources of every group version, and every group.
func (c *comparison) groupVersions(ctx context.Context) error {
	paths, err := c.everywhere(ctx)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if !strings.HasPrefix(path, "/api") {
			continue
		}
		if err := c.same(ctx, "discovery", path, request{Path: path}); err != nil {
			return err
		}
	}
	return nil
}

// openapi compares the documents of both versions.
func (c *comparison) openapi(ctx context.Context) error {
	if err := c.same(ctx, "openapi", "/openapi/v2", request{Path: "/openapi/v2"}); err != nil {
		return err
	}
	ours, theirs, err := c.ask(ctx, request{Path: "/openapi/v2", Header: map[string]string{"Accept": protobuf}})
	if err != nil {
		return err
	}
	// Messages with maps have no one order: that it is there, and about as long, is what is asked.
	for _, a := range []*answer{ours, theirs} {
		a.body = fmt.Appendf(nil, "%d KiB", len(a.body)>>18<<8)
	}
	c.found("openapi", compare("openapi", "/openapi/v2, protobuf", newNormal(c.ours).answer(ours), newNormal(c.theirs).answer(theirs)))

	// Hashes of documents that nobody has asked for are not those that they will have.
	before, err := c.indexes(ctx, regexp.MustCompile(`hash=[0-9A-Za-z-]*`))
	if err != nil {
		return err
	}
	c.found("openapi", compare("openapi", "/openapi/v3, before its documents are asked for", before[0], before[1]))
	documents := map[string]bool{}
	for _, index := range before {
		paths, _ := index["paths"].(map[string]any)
		for path := range paths {
			documents[path] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(documents)) {
		if err := c.same(ctx, "openapi", "/openapi/v3/"+path, request{Path: "/openapi/v3/" + path}); err != nil {
			return err
		}
	}
	return c.eventually(ctx, func() (string, []difference, error) { // the aggregator asks for hashes from time to time
		after, err := c.indexes(ctx, nil)
		if err != nil {
			return "", nil, err
		}
		return "openapi", compare("openapi", "/openapi/v3, after", after[0], after[1]), nil
	})
}

// indexes are /openapi/v3 of both sides, without what hash matches.
func (c *comparison) indexes(ctx context.Context, hash *regexp.Regexp) (both [2]map[string]any, err error) {
	for i, s := range []*side{c.ours, c.theirs} {
		got, err := s.do(ctx, request{Path: "/openapi/v3"})
		if err != nil {
			return both, err
		}
		if hash != nil {
			got.body = hash.ReplaceAll(got.body, []byte("hash=<hash>"))
		}
		if both[i], _ = parse(got.body).(map[string]any); both[i] == nil || got.status != http.StatusOK {
			return both, fmt.Errorf("%s: /openapi/v3: %d: %s", s.name, got.status, got.body)
		}
	}
	return both, nil
}

// family is a line of /metrics.
var family = regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`)

// metrics compares the names of what is measured, once both sides have done the same work.
func (c *comparison) metrics(ctx context.Context) error {
	ours, theirs, err := c.ask(ctx, request{Path: "/metrics"})
	if err != nil {
		return err
	}
	names := func(a *answer) map[string]any {
		all := map[string]any{}
		for _, m := range family.FindAllSubmatch(a.body, -1) {
			all[string(m[1])] = string(m[2])
		}
		return all
	}
	c.found("metrics", compare("metrics", "names in /metrics", names(ours), names(theirs)))
	return nil
}
