"""The book in other forms: a PDF, a zip file, pages that reload, and the slides and handout of a class."""
