package storage

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"
)

// maxFields and maxLabels are how many sets of managed fields and of labels are kept.
const (
	maxFields = 1 << 12
	maxLabels = 1 << 12
)

var fieldsType = reflect.TypeFor[*metav1.FieldsV1]()

// sharing lets the objects of a watch cache, which nobody changes, have in common what is equal in them: a version with the one before it,
// an object with the one that came before it. Of pods that differ in little else than their names, of which the cache also holds old
// versions for those that watch, that is two thirds. It is for one goroutine.
type sharing struct {
	versions map[types.NamespacedName]runtime.Object
	last     runtime.Object
	// fields are the managed fields of many objects, and labels their labels, by what they are. The pods of a ReplicaSet get those of their nodes'
	// zones, and so differ from what came before them; a scheduler that looks at those of all pods finds them in the processor's cache.
	fields     map[string]*metav1.FieldsV1
	labels     map[string]map[string]string
	structures map[reflect.Type]structure
}

func newSharing() *sharing {
	return &sharing{versions: map[types.NamespacedName]runtime.Object{}, fields: map[string]*metav1.FieldsV1{},
		labels: map[string]map[string]string{}, structures: map[reflect.Type]structure{}}
}

// event has the object of an event share with others what it can.
func (s *sharing) event(e watch.Event) watch.Event {
	object := e.Object
	if timed, ok := object.(storage.WatchEventWithRecordTime); ok {
		object = timed.Unwrap()
	}
	switch e.Type {
	case watch.Added, watch.Modified:
		s.add(object)
	case watch.Deleted:
		s.forget(object)
	}
	return e
}

// add has object share with others what it can, and others with it later.
func (s *sharing) add(object runtime.Object) {
	of, ok := typed(object)
	if !ok {
		return
	}
	entries := of.GetManagedFields()
	for i, entry := range entries {
		if entry.FieldsV1 != nil {
			entries[i].FieldsV1 = s.intern(entry.FieldsV1)
		}
	}
	name := nameOf(of)
	like := s.versions[name]
	if like == nil {
		like = s.last
	}
	var labels map[string]string // which like has
	if like != nil && reflect.TypeOf(like) == reflect.TypeOf(object) {
		s.share(reflect.ValueOf(object), reflect.ValueOf(like))
		if before, ok := typed(like); ok {
			labels = before.GetLabels()
		}
	}
	if own := of.GetLabels(); len(own) > 0 && reflect.ValueOf(own).Pointer() != reflect.ValueOf(labels).Pointer() {
		of.SetLabels(s.internLabels(own))
	}
	s.versions[name], s.last = object, object
}

// forget is for an object that is deleted.
func (s *sharing) forget(object runtime.Object) {
	if of, ok := typed(object); ok {
		delete(s.versions, nameOf(of))
	}
}

func (s *sharing) intern(fields *metav1.FieldsV1) *metav1.FieldsV1 {
	raw := fields.GetRawBytes()
	if same, ok := s.fields[string(raw)]; ok {
		return same
	}
	if len(s.fields) >= maxFields {
		clear(s.fields) // what is in use comes back
	}
	s.fields[string(raw)] = fields
	return fields
}

func (s *sharing) internLabels(labels map[string]string) map[string]string {
	var key strings.Builder
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		key.WriteString(name + "\x00" + labels[name] + "\x00")
	}
	if same, ok := s.labels[key.String()]; ok {
		return same
	}
	if len(s.labels) >= maxLabels {
		clear(s.labels) // what is in use comes back
	}
	s.labels[key.String()] = labels
	return labels
}

// typed returns the metadata of an object that is not a tree of maps, of which whoever gets it has a copy.
func typed(object runtime.Object) (metav1.Object, bool) {
	if _, untyped := object.(runtime.Unstructured); untyped {
		return nil, false
	}
	of, err := meta.Accessor(object)
	return of, err == nil
}

func nameOf(of metav1.Object) types.NamespacedName {
	return types.NamespacedName{Namespace: of.GetNamespace(), Name: of.GetName()}
}

// share replaces what is in to, and equal to what is in from, by that. It says whether all of it is equal, as far as it can tell. The two
// are of one type.
func (s *sharing) share(to, from reflect.Value) bool {
	switch to.Kind() {
	case reflect.Pointer:
		switch {
		case to.IsNil() || from.IsNil():
			return to.IsNil() && from.IsNil()
		case to.Pointer() == from.Pointer():
			return true
		case to.Type() == fieldsType: // shared already, so that nothing may be written there
			return false
		case !s.share(to.Elem(), from.Elem()):
			return false
		}
	case reflect.Struct:
		return s.shareFields(to, from)
	case reflect.Slice:
		if !s.shareElements(to, from) {
			return false
		}
		from = from.Slice3(0, from.Len(), from.Len()) // what is appended to one is not to be seen in the other
	case reflect.Map:
		if !s.equalMaps(to, from) {
			return false
		}
	case reflect.String:
		if to.String() != from.String() {
			return false
		}
	case reflect.Interface:
		return to.IsNil() && from.IsNil()
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return to.Equal(from)
	default: // none of an API
		return false
	}
	if to.CanSet() { // all but the object itself
		to.Set(from)
	}
	return true
}

func (s *sharing) shareFields(to, from reflect.Value) bool {
	switch s.structOf(to.Type()) {
	case asWhole:
		return to.Equal(from)
	case never:
		return false
	}
	same := true
	for i := range to.NumField() {
		if !s.share(to.Field(i), from.Field(i)) {
			same = false
		}
	}
	return same
}

// structure is what can be done with a struct.
type structure int

const (
	byField structure = iota + 1 // its fields can be looked at one by one
	asWhole                      // it has fields that only its own package sees, and can be compared, as a time or a quantity
	never                        // it has such fields, and cannot
)

func (s *sharing) structOf(of reflect.Type) structure {
	known, ok := s.structures[of]
	if !ok {
		known = byField
		for i := range of.NumField() {
			switch {
			case of.Field(i).IsExported():
			case isPlain(of):
				known = asWhole
			default:
				known = never
			}
		}
		s.structures[of] = known
	}
	return known
}

// isPlain says whether values of a type can be compared, whatever they are.
func isPlain(of reflect.Type) bool {
	switch of.Kind() {
	case reflect.Struct:
		for i := range of.NumField() {
			if !isPlain(of.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return isPlain(of.Elem())
	case reflect.Interface:
		return false
	default:
		return of.Comparable()
	}
}

func (s *sharing) shareElements(to, from reflect.Value) bool {
	same := to.Len() == from.Len() && to.IsNil() == from.IsNil()
	if to.Type().Elem().Kind() == reflect.Uint8 {
		return same && bytes.Equal(to.Bytes(), from.Bytes())
	}
	for i := range min(to.Len(), from.Len()) {
		if !s.share(to.Index(i), from.Index(i)) {
			same = false
		}
	}
	return same
}

func (s *sharing) equalMaps(to, from reflect.Value) bool {
	if to.Len() != from.Len() || to.IsNil() != from.IsNil() {
		return false
	}
	if ours, ok := to.Interface().(map[string]string); ok {
		return maps.Equal(ours, from.Interface().(map[string]string))
	}
	of := to.Type().Elem()
	if of.Kind() == reflect.Struct && s.structOf(of) != asWhole || of.Kind() != reflect.Struct && !isPlain(of) {
		return false
	}
	for entries := to.MapRange(); entries.Next(); {
		if other := from.MapIndex(entries.Key()); !other.IsValid() || !entries.Value().Equal(other) {
			return false
		}
	}
	return true
}
