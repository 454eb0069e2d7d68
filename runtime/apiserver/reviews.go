package apiserver

import (
	"context"
	"fmt"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	openapicommon "k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/util"
)

// reviews are what a server answers about its users that has other authenticators and authorizers than the administrators' own: who
// somebody is (kubectl auth whoami), and what he may do (kubectl auth can-i). They answer as those of Kubernetes do
// (k8s.io/kubernetes/pkg/registry/authorization and authentication), which a minimal server is not to compile.
func reviews(of authorizer.UnconditionalAuthorizer) []Group {
	types := reviewTypes()
	access := accessReviewer{of}
	return []Group{
		review(types, authenticationv1.SchemeGroupVersion, "selfsubjectreviews", func() runtime.Object { return &authenticationv1.SelfSubjectReview{} }, whoAmI),
		review(types, authorizationv1.SchemeGroupVersion, "selfsubjectaccessreviews", func() runtime.Object { return &authorizationv1.SelfSubjectAccessReview{} }, access.ofSelf),
		review(types, authorizationv1.SchemeGroupVersion, "subjectaccessreviews", func() runtime.Object { return &authorizationv1.SubjectAccessReview{} }, access.ofSubject),
	}
}

// withReviews adds the reviews to groups that have not got them.
func withReviews(groups []Group, of authorizer.UnconditionalAuthorizer) []Group {
	all := slices.Clone(groups)
	for _, r := range reviews(of) {
		if !slices.ContainsFunc(resources(groups), func(there *Resource) bool { return there.Name == r.Resource.Name }) {
			all = append(all, r)
		}
	}
	return all
}

// reviewTypes registers the types of both groups. Their only version is the internal one too.
func reviewTypes() Types {
	scheme := runtime.NewScheme()
	core := schema.GroupVersion{Version: "v1"}
	metav1.AddToGroupVersion(scheme, core)
	scheme.AddUnversionedTypes(core, &metav1.Status{})
	for version, objects := range map[schema.GroupVersion][]runtime.Object{
		authenticationv1.SchemeGroupVersion: {&authenticationv1.SelfSubjectReview{}},
		authorizationv1.SchemeGroupVersion:  {&authorizationv1.SelfSubjectAccessReview{}, &authorizationv1.SubjectAccessReview{}},
	} {
		scheme.AddKnownTypes(version, objects...)
		scheme.AddKnownTypes(schema.GroupVersion{Group: version.Group, Version: runtime.APIVersionInternal}, objects...)
		metav1.AddToGroupVersion(scheme, version)
	}
	return Types{Scheme: scheme, ParameterCodec: runtime.NewParameterCodec(scheme), OpenAPI: reviewDefinitions}
}

func reviewDefinitions(openapicommon.ReferenceCallback) map[string]openapicommon.OpenAPIDefinition {
	return map[string]openapicommon.OpenAPIDefinition{
		util.GetCanonicalTypeName(authenticationv1.SelfSubjectReview{}):      object("The user that the server takes the sender of the request for."),
		util.GetCanonicalTypeName(authorizationv1.SelfSubjectAccessReview{}): object("Whether the sender may do what is in the spec."),
		util.GetCanonicalTypeName(authorizationv1.SubjectAccessReview{}):     object("Whether a user may do what is in the spec."),
	}
}

func review(types Types, version schema.GroupVersion, name string, newObject func() runtime.Object, answer func(context.Context, runtime.Object) error) Group {
	return Group{Resource: &Resource{
		Name: name, Versions: []schema.GroupVersion{version}, Types: types,
		NewStorage: func(ResourceOptions) (map[string]rest.Storage, error) {
			return map[string]rest.Storage{name: &reviewREST{name[:len(name)-1], newObject, answer}}, nil
		},
	}}
}

// reviewREST answers what is created, and keeps nothing.
type reviewREST struct {
	singular  string
	newObject func() runtime.Object
	answer    func(context.Context, runtime.Object) error
}

var (
	_ rest.Creater              = &reviewREST{}
	_ rest.Scoper               = &reviewREST{}
	_ rest.SingularNameProvider = &reviewREST{}
)

// New implements rest.Storage.
func (r *reviewREST) New() runtime.Object { return r.newObject() }

// Destroy implements rest.Storage.
func (*reviewREST) Destroy() {}

// NamespaceScoped implements rest.Scoper.
func (*reviewREST) NamespaceScoped() bool { return false }

// GetSingularName implements rest.SingularNameProvider.
func (r *reviewREST) GetSingularName() string { return r.singular }

// Create implements rest.Creater.
func (r *reviewREST) Create(ctx context.Context, object runtime.Object, validate rest.ValidateObjectFunc, _ *metav1.CreateOptions) (runtime.Object, error) {
	if validate != nil {
		if err := validate(ctx, object.DeepCopyObject()); err != nil {
			return nil, err
		}
	}
	return object, r.answer(ctx, object)
}

func userOf(ctx context.Context) (user.Info, error) {
	if info, ok := request.UserFrom(ctx); ok {
		return info, nil
	}
	return nil, apierrors.NewBadRequest("no user is known of the request")
}

func whoAmI(ctx context.Context, object runtime.Object) error {
	info, err := userOf(ctx)
	if err != nil {
		return err
	}
	extra := map[string]authenticationv1.ExtraValue{}
	for key, values := range info.GetExtra() {
		extra[key] = values
	}
	object.(*authenticationv1.SelfSubjectReview).Status.UserInfo = authenticationv1.UserInfo{
		Username: info.GetName(), UID: info.GetUID(), Groups: info.GetGroups(), Extra: extra,
	}
	return nil
}

// accessReviewer asks the server's authorizer.
type accessReviewer struct {
	authorizer authorizer.UnconditionalAuthorizer
}

func (r accessReviewer) ofSelf(ctx context.Context, object runtime.Object) error {
	info, err := userOf(ctx)
	if err != nil {
		return err
	}
	of := object.(*authorizationv1.SelfSubjectAccessReview)
	return r.decide(ctx, info, of.Spec.ResourceAttributes, of.Spec.NonResourceAttributes, &of.Status)
}

func (r accessReviewer) ofSubject(ctx context.Context, object runtime.Object) error {
	of := object.(*authorizationv1.SubjectAccessReview)
	if of.Spec.User == "" && len(of.Spec.Groups) == 0 {
		return apierrors.NewBadRequest("spec.user or spec.groups must say who is asked about")
	}
	extra := map[string][]string{}
	for key, values := range of.Spec.Extra {
		extra[key] = values
	}
	info := &user.DefaultInfo{Name: of.Spec.User, UID: of.Spec.UID, Groups: of.Spec.Groups, Extra: extra}
	return r.decide(ctx, info, of.Spec.ResourceAttributes, of.Spec.NonResourceAttributes, &of.Status)
}

func (r accessReviewer) decide(ctx context.Context, info user.Info, resource *authorizationv1.ResourceAttributes, path *authorizationv1.NonResourceAttributes, status *authorizationv1.SubjectAccessReviewStatus) error {
	if (resource == nil) == (path == nil) {
		return apierrors.NewBadRequest("spec must have either resourceAttributes or nonResourceAttributes")
	}
	var asked authorizer.AttributesRecord
	if resource != nil {
		asked = attributesOf(resource)
	} else {
		asked = authorizer.AttributesRecord{Verb: path.Verb, Path: path.Path}
	}
	asked.User = info
	decision, reason, err := r.authorizer.Authorize(ctx, asked)
	*status = authorizationv1.SubjectAccessReviewStatus{
		Allowed: decision == authorizer.DecisionAllow, Denied: decision == authorizer.DecisionDeny, Reason: reason,
	}
	if err != nil {
		status.EvaluationError = err.Error()
	}
	return nil
}

// attributesOf are those of a request for a resource. No version is every version.
func attributesOf(of *authorizationv1.ResourceAttributes) authorizer.AttributesRecord {
	asked := authorizer.AttributesRecord{
		ResourceRequest: true, Verb: of.Verb, Namespace: of.Namespace, APIGroup: of.Group, APIVersion: of.Version,
		Resource: of.Resource, Subresource: of.Subresource, Name: of.Name,
	}
	if asked.APIVersion == "" {
		asked.APIVersion = "*"
	}
	if s := of.LabelSelector; s != nil {
		selector, err := labels.Parse(s.RawSelector)
		if len(s.Requirements) > 0 {
			selector, err = metav1.LabelSelectorAsSelector(&metav1.LabelSelector{MatchExpressions: s.Requirements})
		}
		if asked.LabelSelectorParsingErr = err; err == nil {
			asked.LabelSelectorRequirements, _ = selector.Requirements()
		}
	}
	if s := of.FieldSelector; s != nil {
		selector, err := fields.ParseSelector(s.RawSelector)
		if len(s.Requirements) > 0 {
			selector, err = fieldSelector(s.Requirements)
		}
		if asked.FieldSelectorParsingErr = err; err == nil {
			asked.FieldSelectorRequirements = selector.Requirements()
		}
	}
	return asked
}

func fieldSelector(requirements []metav1.FieldSelectorRequirement) (fields.Selector, error) {
	var all []fields.Selector
	for _, r := range requirements {
		switch {
		case r.Operator == metav1.FieldSelectorOpIn && len(r.Values) == 1:
			all = append(all, fields.OneTermEqualSelector(r.Key, r.Values[0]))
		case r.Operator == metav1.FieldSelectorOpNotIn && len(r.Values) == 1:
			all = append(all, fields.OneTermNotEqualSelector(r.Key, r.Values[0]))
		default:
			return nil, fmt.Errorf("field selectors are for one value, in or not in: %s has %s of %d", r.Key, r.Operator, len(r.Values))
		}
	}
	return fields.AndSelectors(all...), nil
}
