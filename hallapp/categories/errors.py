"""The refusals of categories."""

from hallapp.core.errors import N_, DomainError


class CategoriesNotFitting(DomainError):
    """More people are given for a category than the group has; `family` is the number of its family."""

    code = "categories_not_fitting"
    field = "categories"
    message = N_("These numbers add up to %(given)s, but the group has %(people)s people. Please correct them.")

    def __init__(self, *, family: int, given: int, people: int) -> None:
        super().__init__(given=given, people=people)
        self.family = family


class CategoriesMissing(DomainError):
    """The hall asks every group for these numbers."""

    code = "categories_missing"
    status = 422
    field = "categories"
    message = N_("Please enter these numbers. Enter 0 where there is nobody.")


class CategoryNameMissing(DomainError):
    """A family has no name, or has no category."""

    code = "category_name_missing"
    field = "name"
    message = N_("Please give a name, and at least one category.")


class CategoriesOverlap(DomainError):
    """People are known to be in several categories of a family, so its numbers cannot add up to the whole."""

    code = "categories_overlap"
    field = "adds_up"
    message = N_(
        "Some groups have people in several of these categories, so the numbers cannot add up. Stop asking for them, "
        "and add new categories that add up."
    )


class CategoryUnknown(DomainError):
    """The hall has no such family."""

    code = "category_unknown"
    status = 404
    message = N_("There is no such family of categories.")


class CategoryNotAsked(DomainError):
    """The hall does not ask for people of this category."""

    code = "category_not_asked"
    status = 422
    field = "categories"
    message = N_("The hall does not ask for a category with the number %(number)s.")

    def __init__(self, number: str) -> None:
        super().__init__(number=number)
