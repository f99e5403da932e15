// The judge: what kubectl reads in a file, by the packages that it reads it with. One text a line in, what its documents
// hold a line out, as JSON.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"k8s.io/apimachinery/pkg/runtime"
	decoding "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type question struct {
	Text string `json:"text"`
	// Texts of one document each, to be decoded strictly.
	Strict []string `json:"strict"`
}

// A document has a value or a problem.
type document struct {
	Value   json.RawMessage `json:"value,omitempty"`
	Problem string          `json:"problem,omitempty"`
}

type answer struct {
	Documents []document `json:"documents"`
	// What strict decoding has against each text; empty where it has nothing.
	Strict []string `json:"strict"`
}

// As k8s.io/cli-runtime/pkg/resource/visitor.go has it, `FileVisitor.Visit` and `StreamVisitor.Visit`; but a document
// that can't be read doesn't end it.
func documentsIn(text string) []document {
	reader := transform.NewReader(strings.NewReader(text), unicode.BOMOverride(unicode.UTF8.NewDecoder()))
	decoder := decoding.NewYAMLOrJSONDecoder(reader, 4096)
	documents := []document{}
	before := ""
	for {
		extension := runtime.RawExtension{}
		err := decoder.Decode(&extension)
		if err == io.EOF {
			return documents
		}
		if err != nil {
			// What JSON's decoder can't read, it doesn't get past, or gives up.
			if _, isOfYAML := err.(decoding.YAMLSyntaxError); !isOfYAML {
				if err.Error() == before || err.Error() == "decoding failed as both JSON and YAML" {
					return documents
				}
				before = err.Error()
			}
			documents = append(documents, document{Problem: err.Error()})
			continue
		}
		raw := bytes.TrimSpace(extension.Raw)
		if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
			continue
		}
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			documents = append(documents, document{Problem: err.Error()})
			continue
		}
		documents = append(documents, document{Value: raw})
	}
}

func answerTo(q question) answer {
	made := answer{Documents: documentsIn(q.Text), Strict: []string{}}
	for _, each := range q.Strict {
		problem := ""
		if _, err := yaml.YAMLToJSONStrict([]byte(each)); err != nil {
			problem = err.Error()
		}
		made.Strict = append(made.Strict, problem)
	}
	return made
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		if err != nil {
			panic(err)
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			fmt.Printf("{\"error\": %q}\n", err.Error())
			continue
		}
		if err := answers.Encode(answerTo(q)); err != nil {
			panic(err)
		}
	}
}
