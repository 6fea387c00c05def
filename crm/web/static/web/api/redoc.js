// Starts the page to read the API description in.
"use strict";

const place = document.getElementById("redoc");

Redoc.init(place.dataset.schema, { hideLoading: true, sortPropsAlphabetically: true }, place);
