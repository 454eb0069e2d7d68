package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// listable are the paths of all resources of a side that can be listed, in all namespaces.
func (s *side) listable(ctx context.Context) (map[string]bool, error) {
	paths, err := s.paths(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for path := range paths {
		if path != "/api/v1" && (!strings.HasPrefix(path, "/apis/") || strings.Count(path, "/") != 3) {
			continue
		}
		got, err := s.do(ctx, request{Path: path})
		if err != nil {
			return nil, err
		}
		var list struct {
			Resources []struct {
				Name  string
				Verbs []string
			}
		}
		if err := json.Unmarshal(got.body, &list); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, r := range list.Resources {
			if slices.Contains(r.Verbs, "list") {
				all[path+"/"+r.Name] = true
			}
		}
	}
	return all, nil
}

// resources are those of either side, in order.
func (c *comparison) resources(ctx context.Context) ([]string, error) {
	all, err := c.ours.listable(ctx)
	if err != nil {
		return nil, err
	}
	more, err := c.theirs.listable(ctx)
	if err != nil {
		return nil, err
	}
	maps.Copy(all, more)
	return slices.Sorted(maps.Keys(all)), nil
}

// settling is how long answers that differ may take to be the same: controllers work on both sides.
const settling = 20 * time.Second

// eventually compares again until nothing differs that there is no reason for, or it has had its time.
func (c *comparison) eventually(ctx context.Context, ask func() (area string, differences []difference, err error)) error {
	for begin := time.Now(); ; {
		area, differences, err := ask()
		if err != nil {
			return err
		}
		if time.Since(begin) > settling || !slices.ContainsFunc(differences, func(d difference) bool { return c.reason(d) == nil }) {
			c.found(area, differences)
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// objects compares all objects of both sides, managed fields included.
func (c *comparison) objects(ctx context.Context) error {
	resources, err := c.resources(ctx)
	if err != nil {
		return err
	}
	for _, path := range resources {
		if err := c.eventually(ctx, func() (string, []difference, error) {
			ours, theirs, err := c.ask(ctx, request{Path: path})
			if err != nil {
				return "", nil, err
			}
			return "objects", compare("objects", path, newNormal(c.ours).answer(ours), newNormal(c.theirs).answer(theirs)), nil
		}); err != nil {
			return err
		}
		if err := c.same(ctx, "objects", path+" as developer", request{As: developer, Path: path}); err != nil {
			return err
		}
	}
	return nil
}

// tables compares how resources are shown.
func (c *comparison) tables(ctx context.Context) error {
	resources, err := c.resources(ctx)
	if err != nil {
		return err
	}
	for _, path := range resources {
		for _, accept := range []string{"application/json;as=Table;g=meta.k8s.io;v=v1", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"} {
			if err := c.same(ctx, "tables", path+" as "+strings.Split(accept, ";")[1][3:], request{Path: path, Header: map[string]string{"Accept": accept}}); err != nil {
				return err
			}
		}
	}
	return nil
}
