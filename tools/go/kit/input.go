package stepsmith

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

const (
	mostFaults  = 5   // So many faults are named at once.
	widestFault = 200 // Characters of one: a message can quote the value, and a value can be long.
)

// schema checks a tool's input: JSON Schema, draft 2020-12 unless it names another. References that leave the schema are
// never fetched.
type schema struct {
	tool     string
	compiled *jsonschema.Schema
}

func newSchema(tool string, source json.RawMessage) (*schema, error) {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(source)))
	if err != nil {
		return nil, fmt.Errorf("input_schema of tool %q: %w", tool, err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.UseLoader(jsonschema.SchemeURLLoader{})
	if err := compiler.AddResource("tool.json", value); err != nil {
		return nil, fmt.Errorf("input_schema of tool %q: %w", tool, err)
	}
	compiled, err := compiler.Compile("tool.json")
	if err != nil {
		return nil, fmt.Errorf("input_schema of tool %q is no JSON Schema: %w", tool, err)
	}
	return &schema{tool, compiled}, nil
}

// check gives a ToolError that names what does not fit.
func (s *schema) check(input map[string]any) error {
	var invalid *jsonschema.ValidationError
	if err := s.compiled.Validate(input); !errors.As(err, &invalid) {
		return err
	}
	lines := []string{fmt.Sprintf("The input of %s does not fit its schema. Correct this and call it again:", s.tool)}
	for _, fault := range leaves(invalid) {
		if len(lines) > mostFaults {
			break
		}
		lines = append(lines, fmt.Sprintf("- %s: %s", place(fault.InstanceLocation), short(told(fault))))
	}
	return ToolError(strings.Join(lines, "\n"))
}

var english = message.NewPrinter(language.English)

// told is a fault in words; a wrong type is told without the value.
func told(fault *jsonschema.ValidationError) string {
	return fault.ErrorKind.LocalizedString(english)
}

// leaves are the faults themselves, without the groups around them. Of alternatives none of which fits, the group tells
// more than the faults of each.
func leaves(fault *jsonschema.ValidationError) []*jsonschema.ValidationError {
	switch fault.ErrorKind.(type) {
	case *kind.OneOf, *kind.AnyOf:
		return []*jsonschema.ValidationError{fault}
	}
	if len(fault.Causes) == 0 {
		return []*jsonschema.ValidationError{fault}
	}
	var found []*jsonschema.ValidationError
	for _, cause := range fault.Causes {
		found = append(found, leaves(cause)...)
	}
	return found
}

func place(steps []string) string {
	var text strings.Builder
	for _, step := range steps {
		if _, err := strconv.Atoi(step); err == nil {
			text.WriteString("[" + step + "]")
		} else {
			text.WriteString("." + step)
		}
	}
	return first(strings.TrimPrefix(text.String(), "."), "input")
}

func short(text string) string {
	runes := []rune(text)
	if len(runes) <= widestFault {
		return text
	}
	return string(runes[:widestFault/2]) + " ... " + string(runes[len(runes)-widestFault/2:])
}

// decoded is a validated input as the function's own type. JSON Schema counts 2.0 as an integer, encoding/json does not.
func decoded[In any](input map[string]any) (In, error) {
	var value In
	text, err := encoded(integral(input))
	if err == nil {
		err = json.Unmarshal([]byte(text), &value)
	}
	return value, err
}

func integral(value any) any {
	switch value := value.(type) {
	case map[string]any:
		made := make(map[string]any, len(value))
		for key, each := range value {
			made[key] = integral(each)
		}
		return made
	case []any:
		made := make([]any, len(value))
		for index, each := range value {
			made[index] = integral(each)
		}
		return made
	case json.Number:
		return plainInteger(value)
	default:
		return value
	}
}

func plainInteger(number json.Number) json.Number {
	if !strings.ContainsAny(string(number), ".eE") {
		return number
	}
	float, err := number.Float64()
	if whole, accuracy := big.NewFloat(float).Int(nil); err == nil && accuracy == big.Exact && whole.BitLen() <= 53 {
		return json.Number(whole.String())
	}
	return number
}
