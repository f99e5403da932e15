// The judge: Contour's own DAG builder and xDS caches say what they would send to Envoy for some objects; what Envoy
// does with that, the package envoy says. One set of objects with its requests a line in, one answer a line out, as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	envoy "google.golang.org/grpc/judge"
)

type question struct {
	Objects []json.RawMessage `json:"objects"`
	// Those of no Gateway are asked of the Contour that serves Ingresses.
	Requests []envoy.Asked `json:"requests"`
}

type answer struct {
	// For each request, all that Contour comes to: it goes over its objects in the order of Go's maps, so that one and
	// the same set may be read otherwise the next time.
	Answers [][][]envoy.Outcome `json:"answers,omitempty"`
	Error   string              `json:"error,omitempty"`
}

// As often as each set is translated anew.
const builds = 64

func answerTo(q question) (made answer) {
	defer func() {
		if problem := recover(); problem != nil {
			made = answer{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	objects, err := read(q.Objects)
	if err != nil {
		return answer{Error: err.Error()}
	}
	tables := map[string][]*envoy.Configuration{}
	for _, each := range q.Requests {
		if tables[each.Gateway] == nil {
			if tables[each.Gateway], err = translate(objects, each.Gateway); err != nil {
				return answer{Error: err.Error()}
			}
		}
		seen := map[string]bool{}
		distinct := [][]envoy.Outcome{}
		for _, table := range tables[each.Gateway] {
			outcomes, err := table.Answer(each)
			if err != nil {
				return answer{Error: fmt.Sprintf("%v: %v", each, err)}
			}
			text, err := json.Marshal(outcomes)
			if err != nil {
				return answer{Error: err.Error()}
			}
			if !seen[string(text)] {
				seen[string(text)] = true
				distinct = append(distinct, outcomes)
			}
		}
		made.Answers = append(made.Answers, distinct)
	}
	return made
}

func failed(problem error) answer { return answer{Error: problem.Error()} }

func main() {
	envoy.AnswerLines(os.Stdin, os.Stdout, answerTo, failed)
}
