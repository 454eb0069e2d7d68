package rules

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"k8s.io/apiserver/pkg/authorization/authorizer"

	"github.com/kubecraft/kubecraft/runtime/extension"
)

// ruleSet is what is in the file.
type ruleSet struct {
	Rules []rule `yaml:"rules"`
}

// rule is one of them. Of what is a list, "*" is everything; of what may be left out, nothing is too.
//
// What a rule denies cannot be had by naming less: its namespaces are covered by a list, a watch or a deletecollection that is of no
// namespace, of all of them that is, its names by a request that has no name, create too, and its delete by deletecollection. Which types
// have namespaces it does not know: give a Deny with namespaces its resources if lists of those without are to go on.
type rule struct {
	// Effect is Allow or Deny.
	Effect string `yaml:"effect"`
	// Users and Groups say of whom it is: those that are in either list.
	Users  []string `yaml:"users"`
	Groups []string `yaml:"groups"`
	// Verbs are such as get, list, watch, create, update, patch, delete.
	Verbs []string `yaml:"verbs"`
	// Resources are plurals, with the subresource behind them: "foos", "foos/status". APIGroups, Namespaces and Names may be left out.
	Resources  []string `yaml:"resources"`
	APIGroups  []string `yaml:"apiGroups"`
	Namespaces []string `yaml:"namespaces"`
	Names      []string `yaml:"names"`
	// Paths are those of requests that are not for resources. One may end with *.
	Paths []string `yaml:"paths"`
	// Reason is said to those who are denied. It may be left out.
	Reason string `yaml:"reason"`

	at string // FILE:LINE
}

// parse reads the file.
func parse(file extension.File) (*ruleSet, error) {
	set := &ruleSet{}
	if err := file.Decode(set); err != nil {
		return nil, err
	}
	for i := range set.Rules {
		r, line := &set.Rules[i], file.Line("rules", i)
		r.at = fmt.Sprintf("%s:%d", path.Base(file.Name), line)
		switch {
		case r.Effect != "Allow" && r.Effect != "Deny":
			return nil, file.Errorf(line, "the rule's effect is %q: Allow and Deny are the two that there are", r.Effect)
		case len(r.Users)+len(r.Groups) == 0:
			return nil, file.Errorf(line, "the rule is of nobody: give it users or groups")
		case len(r.Verbs) == 0:
			return nil, file.Errorf(line, "the rule has no verbs")
		case len(r.Resources) == 0 == (len(r.Paths) == 0):
			return nil, file.Errorf(line, "the rule must have either resources or paths")
		}
	}
	return set, nil
}

// Authorize implements authorizer.UnconditionalAuthorizer. A rule that denies counts more than any that allow; where none is about the
// request, others are asked: roles, where there are any.
func (s *ruleSet) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	allowed := ""
	for _, r := range s.Rules {
		if !r.covers(a) {
			continue
		}
		if r.Effect == "Deny" {
			reason := "denied by the rule at " + r.at
			if r.Reason != "" {
				reason += ": " + r.Reason
			}
			return authorizer.DecisionDeny, reason, nil
		}
		if allowed == "" {
			allowed = "allowed by the rule at " + r.at
		}
	}
	if allowed != "" {
		return authorizer.DecisionAllow, allowed, nil
	}
	return authorizer.DecisionNoOpinion, "no rule allows it", nil
}

// covers says whether a rule is about a request.
func (r rule) covers(a authorizer.Attributes) bool {
	who, verb, deny := a.GetUser(), a.GetVerb(), r.Effect == "Deny"
	if who == nil || !has(r.Users, who.GetName()) && !slices.Contains(r.Groups, "*") && !slices.ContainsFunc(who.GetGroups(), func(group string) bool { return slices.Contains(r.Groups, group) }) {
		return false
	}
	if !has(r.Verbs, verb) && !(deny && verb == "deletecollection" && has(r.Verbs, "delete")) {
		return false
	}
	if !a.IsResourceRequest() {
		return slices.ContainsFunc(r.Paths, func(pattern string) bool {
			prefix, open := strings.CutSuffix(pattern, "*")
			return pattern == a.GetPath() || open && strings.HasPrefix(a.GetPath(), prefix)
		})
	}
	resource := a.GetResource()
	if a.GetSubresource() != "" {
		resource += "/" + a.GetSubresource()
	}
	all := deny && a.GetNamespace() == "" && slices.Contains([]string{"list", "watch", "deletecollection"}, verb)
	return has(r.Resources, resource) && may(r.APIGroups, a.GetAPIGroup()) &&
		(all || may(r.Namespaces, a.GetNamespace())) && (deny && a.GetName() == "" || may(r.Names, a.GetName()))
}

func has(list []string, of string) bool {
	return slices.Contains(list, "*") || slices.Contains(list, of)
}

// may is has for a list that may be left out.
func may(list []string, of string) bool { return len(list) == 0 || has(list, of) }
