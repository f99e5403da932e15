// The judge: Traefik's own code says where requests go. One question a line in, one answer a line out, as JSON.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/rs/zerolog"
	"github.com/rs/zerolog/log"
)

// question is a cluster, how Traefik is started in it, and what it is asked.
type question struct {
	// Objects are all that its providers can see.
	Objects []json.RawMessage `json:"objects"`
	// Args are those of its container.
	Args []string `json:"args"`
	// Loads is how often the configuration is read and built anew: what is by chance differs from one to the next.
	Loads int `json:"loads"`
	// Repeats is how often each request is asked of each: weights go round.
	Repeats  int       `json:"repeats"`
	Requests []request `json:"requests"`
}

// answer has one list of outcomes for each request, each outcome once, with how often it came.
type answer struct {
	Outcomes [][]outcome `json:"outcomes,omitempty"`
	Error    string      `json:"error,omitempty"`
}

func main() {
	zerolog.SetGlobalLevel(zerolog.WarnLevel)
	if os.Getenv("TRAEFIK_LOG") != "" {
		zerolog.SetGlobalLevel(zerolog.DebugLevel)
		log.Logger = zerolog.New(os.Stderr)
	} else {
		log.Logger = zerolog.New(io.Discard)
	}
	zerolog.DefaultContextLogger = &log.Logger
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var q question
			var a answer
			if problem := json.Unmarshal(line, &q); problem != nil {
				a.Error = problem.Error()
			} else if outcomes, problem := asked(q); problem != nil {
				a.Error = problem.Error()
			} else {
				a.Outcomes = outcomes
			}
			if problem := answers.Encode(a); problem != nil {
				fmt.Fprintln(os.Stderr, problem)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}

func asked(q question) (_ [][]outcome, err error) {
	defer func() {
		// The clients of its own tests panic at objects that no API server would take.
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v", problem)
		}
	}()
	t, err := traefikWith(q.Args)
	if err != nil {
		return nil, err
	}
	found, err := read(q.Objects)
	if err != nil {
		return nil, err
	}
	counted := make([]map[string]*outcome, len(q.Requests))
	order := make([][]string, len(q.Requests))
	for range max(1, q.Loads) {
		if err := t.load(found); err != nil {
			return nil, err
		}
		for i, r := range q.Requests {
			for range max(1, q.Repeats) {
				one, err := t.ask(r)
				// A connection that is closed right behind an answer can swallow it.
				for tries := 0; err != nil && tries < 5; tries++ {
					one, err = t.ask(r)
				}
				if err != nil {
					one = outcome{Failure: err.Error()}
				}
				key, _ := json.Marshal(one)
				if counted[i] == nil {
					counted[i] = map[string]*outcome{}
				}
				if counted[i][string(key)] == nil {
					counted[i][string(key)] = &one
					order[i] = append(order[i], string(key))
				}
				counted[i][string(key)].Times++
			}
		}
	}
	outcomes := make([][]outcome, len(q.Requests))
	for i := range outcomes {
		for _, key := range order[i] {
			outcomes[i] = append(outcomes[i], *counted[i][key])
		}
	}
	return outcomes, nil
}
