package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/api/meta"
	metatable "k8s.io/apimachinery/pkg/api/meta/table"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/client-go/util/jsonpath"
)

// Column is a column of `kubectl get`, as a CustomResourceDefinition's additionalPrinterColumns describe it.
type Column struct {
	Name        string
	Type        string // string, integer, number, boolean or date
	Format      string
	Description string
	Priority    int32  // 0 is always shown, more only with -o wide
	JSONPath    string // from the external object, such as .status.phase
}

// NewTableConvertor prints name, the columns of the version that was asked for, and age. A version without columns has
// name and age, as rest.NewDefaultTableConvertor gives.
func NewTableConvertor(scheme *runtime.Scheme, resource schema.GroupResource, columns map[schema.GroupVersion][]Column) rest.TableConvertor {
	return tableConvertor{scheme: scheme, resource: resource, columns: columns}
}

type tableConvertor struct {
	scheme   *runtime.Scheme
	resource schema.GroupResource
	columns  map[schema.GroupVersion][]Column
}

// ConvertToTable follows rest.TableConvertor. A field that is not there makes an empty cell.
func (c tableConvertor) ConvertToTable(ctx context.Context, object, options runtime.Object) (*metav1.Table, error) {
	version, columns := c.version(ctx)
	table := &metav1.Table{}
	if list, err := meta.ListAccessor(object); err == nil {
		table.ResourceVersion, table.Continue, table.RemainingItemCount = list.GetResourceVersion(), list.GetContinue(), list.GetRemainingItemCount()
	} else if one, err := meta.CommonAccessor(object); err == nil {
		table.ResourceVersion = one.GetResourceVersion()
	}
	if o, ok := options.(*metav1.TableOptions); !ok || !o.NoHeaders {
		table.ColumnDefinitions = headers(columns)
	}
	paths, err := parse(columns)
	if err != nil {
		return nil, fmt.Errorf("printing %s: %w", c.resource, err)
	}
	table.Rows, err = metatable.MetaToTableRow(object, func(object runtime.Object, _ metav1.Object, name, age string) ([]any, error) {
		cells := []any{name}
		if len(paths) > 0 {
			external, err := c.scheme.ConvertToVersion(object, version)
			if err != nil {
				return nil, err
			}
			fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(external)
			if err != nil {
				return nil, err
			}
			for i, path := range paths {
				cells = append(cells, cell(columns[i].Type, path, fields))
			}
		}
		return append(cells, age), nil
	})
	return table, err
}

// version returns the version that the request asked for, and its columns.
func (c tableConvertor) version(ctx context.Context) (schema.GroupVersion, []Column) {
	if info, ok := request.RequestInfoFrom(ctx); ok {
		version := schema.GroupVersion{Group: info.APIGroup, Version: info.APIVersion}
		return version, c.columns[version]
	}
	return schema.GroupVersion{}, nil
}

func headers(columns []Column) []metav1.TableColumnDefinition {
	described := metav1.ObjectMeta{}.SwaggerDoc()
	definitions := []metav1.TableColumnDefinition{{Name: "Name", Type: "string", Format: "name", Description: described["name"]}}
	for _, c := range columns {
		description := c.Description
		if description == "" {
			description = "The field at " + c.JSONPath
		}
		definitions = append(definitions, metav1.TableColumnDefinition{
			Name: c.Name, Type: c.Type, Format: c.Format, Description: description, Priority: c.Priority,
		})
	}
	return append(definitions, metav1.TableColumnDefinition{Name: "Age", Type: "date", Description: described["creationTimestamp"]})
}

func parse(columns []Column) ([]*jsonpath.JSONPath, error) {
	paths := make([]*jsonpath.JSONPath, len(columns))
	for i, c := range columns {
		paths[i] = jsonpath.New(c.Name).AllowMissingKeys(true)
		if err := paths[i].Parse("{" + c.JSONPath + "}"); err != nil {
			return nil, fmt.Errorf("column %s: JSON path %s: %w", c.Name, c.JSONPath, err)
		}
	}
	return paths, nil
}

// cell is nil where the object has no such field or its value is not of the column's type.
func cell(kind string, path *jsonpath.JSONPath, fields map[string]any) any {
	results, err := path.FindResults(fields)
	if err != nil || len(results) == 0 || len(results[0]) == 0 {
		return nil
	}
	value := results[0][0].Interface()
	switch kind {
	case "integer":
		switch n := value.(type) {
		case int64:
			return n
		case float64:
			return int64(n)
		case json.Number:
			if i, err := n.Int64(); err == nil {
				return i
			}
		}
		return nil
	case "number":
		switch n := value.(type) {
		case int64:
			return float64(n)
		case float64:
			return n
		}
		return nil
	case "boolean":
		if b, ok := value.(bool); ok {
			return b
		}
		return nil
	case "date":
		var at metav1.Time
		if text, ok := value.(string); !ok || at.UnmarshalQueryParameter(text) != nil {
			return nil
		}
		if at.IsZero() {
			return "<unknown>"
		}
		return duration.HumanDuration(metav1.Now().Sub(at.Time))
	}
	var text bytes.Buffer
	if err := path.PrintResults(&text, []reflect.Value{reflect.ValueOf(value)}); err != nil {
		return nil
	}
	return text.String()
}
