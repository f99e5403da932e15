package main

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// files is all that the sandbox sees: texts by absolute path, given by the host. It notes what a build read, and what it
// looked for in vain. Kustomize is given it as its file system.
type files struct {
	texts   map[string]string
	folders map[string]map[string]bool // a folder's names, folders with a slash behind them
	read    map[string]bool
	missing map[string]bool
}

func newFiles() *files {
	return &files{
		texts:   map[string]string{},
		folders: map[string]map[string]bool{"/": {}},
		read:    map[string]bool{},
		missing: map[string]bool{},
	}
}

func (f *files) put(name, text string) {
	f.texts[name] = text
	for child, folder := path.Base(name), path.Dir(name); ; child, folder = path.Base(folder)+"/", path.Dir(folder) {
		names := f.folders[folder]
		if names == nil {
			names = map[string]bool{}
			f.folders[folder] = names
		}
		if names[child] {
			return
		}
		names[child] = true
		if folder == "/" {
			return
		}
	}
}

func (f *files) remove(name string) {
	delete(f.texts, name)
	for child, folder := path.Base(name), path.Dir(name); ; child, folder = path.Base(folder)+"/", path.Dir(folder) {
		delete(f.folders[folder], child)
		if len(f.folders[folder]) > 0 || folder == "/" {
			return
		}
		delete(f.folders, folder)
	}
}

func (f *files) startBuild() {
	f.read, f.missing = map[string]bool{}, map[string]bool{}
}

// under gives the files in a folder and beneath it, by their names from there on.
func (f *files) under(folder string) map[string]string {
	found := map[string]string{}
	for name, text := range f.texts {
		if rest, is := strings.CutPrefix(name, strings.TrimSuffix(folder, "/")+"/"); is {
			found[rest] = text
		}
	}
	return found
}

func (f *files) absent(name string) error {
	f.missing[name] = true
	return fmt.Errorf("'%s' doesn't exist", name)
}

func cleaned(name string) string { return path.Clean("/" + name) }

func (f *files) Exists(name string) bool {
	name = cleaned(name)
	_, isFile := f.texts[name]
	_, isFolder := f.folders[name]
	if !isFile && !isFolder {
		f.missing[name] = true
	}
	return isFile || isFolder
}

func (f *files) IsDir(name string) bool {
	_, is := f.folders[cleaned(name)]
	return is
}

func (f *files) ReadFile(name string) ([]byte, error) {
	name = cleaned(name)
	text, is := f.texts[name]
	if !is {
		if f.IsDir(name) {
			return nil, fmt.Errorf("'%s' is a folder", name)
		}
		return nil, f.absent(name)
	}
	f.read[name] = true
	return []byte(text), nil
}

func (f *files) ReadDir(name string) ([]string, error) {
	names, is := f.folders[cleaned(name)]
	if !is {
		return nil, f.absent(cleaned(name))
	}
	var found []string
	for each := range names {
		found = append(found, strings.TrimSuffix(each, "/"))
	}
	slices.Sort(found)
	return found, nil
}

func (f *files) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	name = cleaned(name)
	if f.IsDir(name) {
		return filesys.ConfirmedDir(name), "", nil
	}
	if _, is := f.texts[name]; !is {
		return "", "", f.absent(name)
	}
	return filesys.ConfirmedDir(path.Dir(name)), path.Base(name), nil
}

func (f *files) Glob(pattern string) ([]string, error) {
	var found []string
	for name := range f.texts {
		if is, err := path.Match(pattern, name); err != nil {
			return nil, err
		} else if is {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found, nil
}

// What kustomize would do with a disk and a build doesn't need.

func (f *files) Create(name string) (filesys.File, error) { return nil, readOnly(name) }
func (f *files) Open(name string) (filesys.File, error)   { return nil, readOnly(name) }
func (f *files) Mkdir(name string) error                  { return readOnly(name) }
func (f *files) MkdirAll(name string) error               { return readOnly(name) }
func (f *files) RemoveAll(name string) error              { return readOnly(name) }
func (f *files) WriteFile(name string, _ []byte) error    { return readOnly(name) }
func (f *files) Walk(name string, _ filepath.WalkFunc) error {
	return readOnly(name)
}

func readOnly(name string) error { return fmt.Errorf("'%s' can't be changed here", name) }
