// The judge: Envoy Gateway's own translators say what they would send to Envoy for some objects; what Envoy does with
// that, the package envoy says. One set of objects with its requests a line in, one answer a line out, as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	envoy "google.golang.org/grpc/judge"
)

type question struct {
	Objects  []json.RawMessage `json:"objects"`
	Requests []envoy.Asked     `json:"requests"`
}

type answer struct {
	Answers [][]envoy.Outcome `json:"answers,omitempty"`
	// What is false in the status of which listener or route.
	Conditions conditions `json:"conditions,omitempty"`
	Error      string     `json:"error,omitempty"`
}

func answerTo(q question) (made answer) {
	defer func() {
		if problem := recover(); problem != nil {
			made = answer{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	tables, conditions, err := translate(q.Objects)
	if err != nil {
		return answer{Error: err.Error()}
	}
	made.Conditions = conditions
	for key, table := range tables {
		// Envoy Gateway then sends nothing, and Envoy keeps what it had.
		if table.problem != nil {
			return answer{Error: key + ": " + table.problem.Error()}
		}
	}
	for _, each := range q.Requests {
		table := tables[each.Gateway]
		if table == nil {
			made.Answers = append(made.Answers, envoy.Refused("no Gateway"))
			continue
		}
		outcomes, err := table.Answer(each)
		if err != nil {
			return answer{Error: fmt.Sprintf("%v: %v", each, err)}
		}
		made.Answers = append(made.Answers, outcomes)
	}
	return made
}

func failed(problem error) answer { return answer{Error: problem.Error()} }

func main() {
	envoy.AnswerLines(os.Stdin, os.Stdout, answerTo, failed)
}
